/** Who may come to a director, and how (wire.md 9.1). @module */
import {
  certificateSettingsOf,
  DEFAULT_CONSOLE,
  type Gate,
  tlsPolicyOf,
} from "../../protocol/mod.ts";
import type { ConsoleResource, DirectorConfiguration, DirectorResource } from "./resources.ts";

/** What says with which password and TLS a console comes: our own resource for the default one. */
export function consoleResource(
  configuration: DirectorConfiguration,
  name: string,
): DirectorResource | ConsoleResource | undefined {
  return name === DEFAULT_CONSOLE
    ? configuration.first("Director")
    : configuration.get("Console", name);
}

/** The gate of the configuration in force: one that follows a reload. */
export function directorGate(configuration: () => DirectorConfiguration): Gate {
  const client = (name: string) => configuration().get("Client", name);
  const console = (name: string) => consoleResource(configuration(), name);
  return {
    get certificates() {
      return certificateSettingsOf(configuration().first("Director"));
    },
    keyOf: ({ type, name }) =>
      type === "R_CONSOLE"
        ? console(name)?.password.key
        : type === "R_CLIENT"
        ? client(name)?.password.key
        : undefined,
    policyOf: ({ kind, name }) => {
      const resource = kind === "console" ? console(name) : client(name);
      return resource && tlsPolicyOf(resource.tlsEnable, resource.tlsRequire);
    },
    lateCertificatesOf: ({ kind, name }) => {
      const resource = kind === "client" ? client(name) : undefined;
      return resource && certificateSettingsOf(resource);
    },
  };
}
