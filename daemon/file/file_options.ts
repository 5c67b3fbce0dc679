/** A file daemon from its configuration. @module */
import type { Configuration, ProgramResources } from "../config/mod.ts";
import { certificateSettingsOf, tlsPolicyOf } from "../../protocol/mod.ts";
import { readPki } from "./pki_settings.ts";
import type { FileDaemonOptions } from "./file_daemon.ts";

/** Modes of a file daemon's command line (director-client.md 18). */
export interface FileModes {
  /** Restores are refused. */
  readonly backupOnly?: boolean | undefined;
  /** Backups are refused. */
  readonly restoreOnly?: boolean | undefined;
}

/** What the configuration says of a file daemon. @throws PkiError if a key cannot be used */
export function fileOptions(
  configuration: Configuration<ProgramResources["file"]>,
  modes: FileModes = {},
): FileDaemonOptions {
  const client = configuration.first("Client");
  const entries = configuration.sourceOf(client)?.entries;
  return {
    settings: {
      ...client,
      ...modes,
      // Its default is Bareos'; who does not write it gets all cores.
      maximumWorkersPerJob: entries?.has("MaximumWorkersPerJob") ? client.maximumWorkersPerJob : 0,
      pki: readPki({ ...client, pkiKeyPair: client.pkiKeyPair }),
      destinations: destinationsOf(configuration),
      messageTypes: routedTypes(configuration),
      tlsPolicy: tlsPolicyOf(client.tlsEnable, client.tlsRequire),
      certificates: certificateSettingsOf(client),
    },
    addresses: client.addresses,
    directors: configuration.all("Director").map((director) => ({
      name: director.name,
      key: director.password.key,
      isMonitor: director.monitor,
      mayConnect: director.connectionFromDirectorToClient,
      ...(director.connectionFromClientToDirector && {
        call: { address: director.address, port: director.port },
      }),
      tlsPolicy: tlsPolicyOf(director.tlsEnable, director.tlsRequire),
      certificates: certificateSettingsOf(director),
      maximumBandwidthPerJob: director.maximumBandwidthPerJob,
      allowedJobCommand: director.allowedJobCommand,
      allowedScriptDir: director.allowedScriptDir,
    })),
  };
}

function destinationsOf(configuration: Configuration<ProgramResources["file"]>) {
  return (configuration.first("Client").messages ?? configuration.first("Messages")).destinations;
}

/** The types of messages that go to the director, or anywhere if none are said to go there. */
function routedTypes(configuration: Configuration<ProgramResources["file"]>): ReadonlySet<number> {
  const all = destinationsOf(configuration);
  const toDirector = all.filter(({ kind }) => kind === "director");
  const meant = toDirector.length > 0 ? toDirector : all;
  return new Set(meant.flatMap(({ types }) => [...types]));
}
