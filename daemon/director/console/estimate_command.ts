/** `estimate` (console.md 11.5). @module */
import { directorToFile, Signal } from "../../../protocol/mod.ts";
import { createEstimate } from "../peers/estimate.ts";
import type { ClientResource, FileSetResource, JobResource } from "../resources.ts";
import type { Arguments } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import { passAnswer } from "./pass_through.ts";
import { levelLetter } from "./run_wish.ts";
import { chooseResource, findResource } from "./selectors.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";
import { longRead } from "../long_reads.ts";
import { JOB_LEVELS } from "../../../protocol/mod.ts";

/** What is said of a name, and of a keyword without one, by type of resource. */
function named<T extends "Client" | "Job" | "FileSet">(
  session: ConsoleSession,
  args: Arguments,
  type: T,
) {
  const title = type === "FileSet" ? "Fileset" : type;
  const word = args.all.find(({ keyword }) => keyword.toLowerCase() === type.toLowerCase());
  if (word === undefined) return undefined;
  if ((word.value ?? "") === "") throw new CommandFailed(`${title} name missing.`);
  const found = findResource(session, type, word.value ?? "");
  if (found === undefined) throw new CommandFailed(`${title} "${word.value}" not found.`);
  return found;
}

function wishedLevel(args: Arguments): string | undefined {
  const word = args.all.find(({ keyword }) => keyword.toLowerCase() === "level");
  if (word === undefined) return undefined;
  if ((word.value ?? "") === "") throw new CommandFailed("Level value missing.");
  const letter = levelLetter(word.value ?? "");
  if (letter === undefined) throw new CommandFailed(`Level "${word.value}" not valid.`);
  return letter;
}

function wishedAccuracy(args: Arguments): boolean | undefined {
  const word = args.all.find(({ keyword }) => keyword.toLowerCase() === "accurate");
  if (word === undefined) return undefined;
  if ((word.value ?? "") === "") throw new CommandFailed("Accurate value missing.");
  if (/^yes$/i.test(word.value ?? "")) return true;
  if (/^no$/i.test(word.value ?? "")) return false;
  throw new CommandFailed("Invalid value for accurate. It must be YES or NO.");
}

/** Says what a backup would save. */
export const estimate: CommandHandler = async (session, args) => {
  const wishedClient = named(session, args, "Client");
  const wishedFileSet = named(session, args, "FileSet");
  const [ofLine, accuracy] = [wishedLevel(args), wishedAccuracy(args)];
  const job = (named(session, args, "Job") ??
    await chooseResource(session, "Job", { isMeant: ({ type }) => type === "B" })) as JobResource;
  if (job.type !== "B") throw new CommandFailed(`Wrong job specified of type ${job.type}.`);
  const client = (wishedClient ?? job.client) as ClientResource | undefined;
  if (client === undefined) throw new CommandFailed("No client specified or selected.");
  if (!session.allows("Client", client.name)) {
    throw new CommandFailed(`No authorization. Client "${client.name}".`);
  }
  const fileSet = (wishedFileSet ?? job.fileSet) as FileSetResource | undefined;
  if (fileSet === undefined) throw new CommandFailed("No fileset specified or selected.");
  if (client.protocol !== "Native") {
    throw new CommandFailed("Estimate is only supported on native clients.");
  }
  const asked = ofLine ?? (job.level || "F");
  const isAccurate = accuracy ?? job.accurate;
  const catalog = await session.catalog(args);
  const { clientId } = catalog.client(client);
  const filter = { name: job.name, type: "B", clientId, isGood: true };
  const levels = asked === "D" ? ["F"] : ["F", "D", "I"];
  const before = asked === "F" ? undefined : catalog.newestJob({ ...filter, levels });
  const level = before === undefined ? "F" : asked;
  const jobIds = level === "F" || !isAccurate ? [] : catalog.currentJobs({
    clientId,
    fileSetName: fileSet.name,
    level,
    before: Math.floor(Date.now() / 1000),
  });
  session.output.decorate(
    `Connecting to Client ${client.name} at ${client.address}:${client.port}\n`,
  );
  await session.flush();
  const connection = await createEstimate(session.director.resource, {
    probes: session.director.probes,
    client,
    fileSet,
    level: JOB_LEVELS[level]?.keyword.toLowerCase() ?? "full",
    since: before?.startTime ?? 0,
    previousJob: before?.job ?? "",
    accurate: jobIds.length === 0 ? undefined : {
      files: longRead(catalog, { kind: "currentFiles", jobIds, withDeleted: false }),
      estimated: jobIds.reduce((sum, id) => sum + (catalog.job(id)?.jobFiles ?? 0), 0),
    },
  });
  try {
    const listing = args.has("listing") ? 1 : 0;
    await connection.send(directorToFile.estimate.format({ listing }));
    await passAnswer(connection, (text) => session.print(text));
    if (connection.canSend) await connection.sendSignal(Signal.TERMINATE);
  } finally {
    connection.close();
  }
  return true;
};
