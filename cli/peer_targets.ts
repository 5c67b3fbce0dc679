/** The peers that a program's configuration names, for `--check`. @module */
import type { Configuration, ProgramName, ProgramResources } from "../daemon/config/mod.ts";
import type { PeerTarget } from "../daemon/peer_check.ts";
import { certificateSettingsOf, DEFAULT_CONSOLE, tlsPolicyOf } from "../protocol/mod.ts";

/** The configuration of a program. */
export type ConfigurationOf<P extends ProgramName> = Configuration<ProgramResources[P]>;

/** Clients and storage daemons of a director. */
function ofDirector(configuration: ConfigurationOf<"director">): PeerTarget[] {
  const { name, sourceAddress } = configuration.first("Director");
  const identity = { type: "R_DIRECTOR", name };
  const common = (
    resource: {
      readonly address: string;
      readonly port: number;
      readonly password: { readonly key: string };
      readonly tlsEnable: boolean;
      readonly tlsRequire: boolean;
      readonly protocol: string;
    } & Parameters<typeof certificateSettingsOf>[0],
  ) => ({
    ...{ address: resource.address, port: resource.port, identity, sourceAddress },
    key: resource.password.key,
    tlsPolicy: tlsPolicyOf(resource.tlsEnable, resource.tlsRequire),
    certificates: certificateSettingsOf(resource),
  });
  return [
    ...configuration.all("Client").map((client): PeerTarget => ({
      ...common(client),
      resource: `Client "${client.name}"`,
      kind: "file daemon",
      untried: client.protocol !== "Native"
        ? `its protocol is ${client.protocol}`
        : client.connectionFromDirectorToClient
        ? undefined
        : "Connection From Director To Client = no; `status director` shows whether it has come",
    })),
    ...configuration.all("Storage").map((storage): PeerTarget => ({
      ...common(storage),
      resource: `Storage "${storage.name}"`,
      kind: "storage daemon",
      untried: storage.protocol !== "Native" ? `its protocol is ${storage.protocol}` : undefined,
    })),
  ];
}

/** Directors of a file daemon. */
function ofFile(configuration: ConfigurationOf<"file">): PeerTarget[] {
  const { name, sourceAddress } = configuration.first("Client");
  return configuration.all("Director").map((director) => ({
    resource: `Director "${director.name}"`,
    kind: "waiting director",
    address: director.address,
    port: director.port,
    identity: { type: "R_CLIENT", name },
    key: director.password.key,
    tlsPolicy: tlsPolicyOf(director.tlsEnable, director.tlsRequire),
    certificates: certificateSettingsOf(director),
    sourceAddress,
    untried: director.connectionFromClientToDirector
      ? undefined
      : "the director connects to us; `roost dir --check` tries it from there",
  }));
}

/** A storage daemon is connected to by everybody, and told by directors where to connect. */
function ofStorage(configuration: ConfigurationOf<"storage">): PeerTarget[] {
  const { name } = configuration.first("Storage");
  return configuration.all("Director").map((director) => ({
    resource: `Director "${director.name}"`,
    kind: "director",
    address: "",
    port: 0,
    identity: { type: "R_STORAGE", name },
    key: director.password.key,
    tlsPolicy: tlsPolicyOf(director.tlsEnable, director.tlsRequire),
    untried: "the director connects to us; `roost dir --check` tries it from there",
  }));
}

/** Directors of a console, as each of its names; those of one director, if it is given. */
function ofConsole(configuration: ConfigurationOf<"console">): PeerTarget[] {
  const consoles = configuration.all("Console");
  return configuration.all("Director").flatMap((director) => {
    const { address, port } = director;
    const resource = `Director "${director.name}"`;
    const where = { kind: "director", address, port } as const;
    const tlsPolicy = tlsPolicyOf(director.tlsEnable, director.tlsRequire);
    const named = consoles.filter((each) => !each.director || each.director === director.name);
    const targets = named.map((console): PeerTarget => ({
      ...where,
      resource: `${resource} as Console "${console.name}"`,
      identity: { type: "R_CONSOLE", name: console.name },
      key: console.password.key,
      tlsPolicy: console.tlsEnable ? tlsPolicy || 1 : 0,
      certificates: certificateSettingsOf(console),
    }));
    if (!director.password.isSet) return targets;
    return [{
      ...where,
      resource,
      identity: { type: "R_CONSOLE", name: DEFAULT_CONSOLE },
      key: director.password.key,
      tlsPolicy,
      certificates: certificateSettingsOf(director),
    }, ...targets];
  });
}

const makers: { readonly [P in ProgramName]: (configuration: ConfigurationOf<P>) => PeerTarget[] } =
  {
    director: ofDirector,
    storage: ofStorage,
    file: ofFile,
    console: ofConsole,
  };

/** The peers of a configuration. */
export function peerTargets<P extends ProgramName>(
  program: P,
  configuration: ConfigurationOf<P>,
): PeerTarget[] {
  return makers[program](configuration);
}
