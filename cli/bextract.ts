/**
 * `roost bextract`: restores files from volumes without a director, as `bextract` of Bareos does
 * (storage-daemon.md 12): everything that passes the lists, below a directory.
 *
 * Encrypted files are extracted with the private key of `--key`, a PEM file: the client's or a master
 * key.
 *
 * @module
 */
import { resolve } from "node:path";
import { messageOf } from "../bytes/mod.ts";
import { readOpeningKey } from "../crypto/mod.ts";
import { openPlatform } from "../daemon/file/platform/mod.ts";
import {
  destinationOf,
  PatientTarget,
  type RestoreKeys,
  RestoreTarget,
} from "../daemon/file/restore/mod.ts";
import { JobMessageType } from "../protocol/mod.ts";
import { describeStatuses, toolStatuses } from "./exit_statuses.ts";
import type { Manual } from "./manual.ts";
import {
  configuredDevices,
  fetchVolumes,
  formatFile,
  NameList,
  openSource,
  OwnerNames,
  runTool,
  SessionFiles,
  SourceReader,
  StandardOutput,
  ToolError,
  type ToolOptions,
  toolOptionsOf,
} from "./volume_tools/mod.ts";

/** Messages that do not tell of anything lost. */
const quietTypes: ReadonlySet<number> = new Set([JobMessageType.INFO, JobMessageType.RESTORED]);

/** What there is to say of it. */
export const manual: Manual = {
  synopsis: ["[options] [DEVICE DIRECTORY]"],
  about: "Restores files from volumes into DIRECTORY, without director, catalog or file daemon. " +
    "Which volumes and records it reads says a bootstrap file (-b), or -V. DEVICE is a " +
    "volume's file, or a Device of the storage daemon's configuration.",
  options: toolOptionsOf("bextract"),
  statuses: describeStatuses(toolStatuses),
};

/** Runs `bextract` with the words of its command line; the result is the exit status. */
export function main(args: readonly string[]): Promise<number> {
  return runTool("bextract", args, extract);
}

async function extract(options: ToolOptions, output: StandardOutput): Promise<number> {
  const [deviceWord, folder] = options.words;
  const devices = configuredDevices(options);
  await fetchVolumes(deviceWord, options, devices);
  const source = openSource(deviceWord, options, devices);
  if (folder === undefined) {
    throw new ToolError("Missing output directory.\nNothing done.", toolStatuses.badCommandLine);
  }
  const reader = new SourceReader(source, "bextract", output);
  const keys = options.key === undefined ? undefined : readKeys(options.key);
  const platform = openPlatform();
  const destination = destinationOf({ where: resolve(folder) });
  const [users, groups] = [new OwnerNames("/etc/passwd"), new OwnerNames("/etc/group")];
  const { includeList, excludeList, verbosity } = options;
  let count = 0;
  const files = new SessionFiles({
    include: includeList === undefined ? undefined : NameList.read(includeList),
    exclude: excludeList === undefined ? undefined : NameList.read(excludeList),
    onProblem: (message) => reader.fail(message),
    open: (jobId) =>
      new PatientTarget(
        new RestoreTarget({
          platform,
          destination,
          replace: "always",
          keys,
          report: ({ type, text }) => {
            const message = text.trimEnd();
            if (quietTypes.has(type)) reader.message(message);
            else reader.fail(message);
          },
          onRestored: ({ attributes }) => {
            count += 1;
            if (verbosity > 0) {
              output.line(`bextract JobId ${jobId}: ${formatFile(attributes, users, groups)}`);
            }
          },
        }),
      ),
  });
  for (const record of reader.records()) files.accept(record);
  files.finish();
  output.line(`${count} files restored.`);
  return reader.problems === 0 ? 0 : 1;
}

/** The keys in a PEM file. @throws {ToolError} if it cannot be read or has none */
function readKeys(file: string): RestoreKeys {
  try {
    const pem = Deno.readTextFileSync(file);
    return { opening: [readOpeningKey(pem)] };
  } catch (error) {
    const why = messageOf(error);
    throw new ToolError(`Cannot use the key file ${file}: ${why}`, toolStatuses.badCommandLine);
  }
}
