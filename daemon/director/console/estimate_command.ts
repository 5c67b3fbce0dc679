/** `estimate` (console.md 11.5). @module */
import { directorToFile, JOB_LEVELS, Signal } from "../../../protocol/mod.ts";
import { createEstimate } from "../estimate.ts";
import { levelLetter } from "./run_command.ts";
import { passAnswer } from "./pass_through.ts";
import type { ConsoleCommand } from "./session.ts";

/** Says what a backup would save. */
export const estimateCommand: ConsoleCommand = {
  name: "estimate",
  help: "Performs FileSet estimate, listing gives full listing",
  async run(session, args) {
    const { director } = session;
    const { configuration } = director;
    const name = args.value("job") ?? await session.choose(
      "Job",
      "Select Job resource",
      configuration.all("Job").filter(({ type }) => type === "B").map(({ name }) => name),
    );
    const job = configuration.get("Job", name);
    const client = configuration.get("Client", args.value("client") ?? job?.client?.name ?? "");
    const fileSet = configuration.get("FileSet", args.value("fileset") ?? job?.fileSet?.name ?? "");
    if (job === undefined || client === undefined || fileSet === undefined) {
      session.print(`Job "${name}" not found, or it has no Client or FileSet.\n`);
      return;
    }
    const { catalog } = director;
    const asked = levelLetter(args.value("level") ?? "Full") ?? "F";
    const { clientId } = catalog.client(client as never);
    const filter = { name: job.name, type: "B", clientId, isGood: true };
    const levels = asked === "D" ? ["F"] : ["F", "D", "I"];
    const before = asked === "F" ? undefined : catalog.newestJob({ ...filter, levels });
    const level = before === undefined ? "F" : asked;
    const accurateWord = args.value("accurate");
    const isAccurate = accurateWord === undefined ? job.accurate : accurateWord === "yes";
    const jobIds = level === "F" || !isAccurate ? [] : catalog.currentJobs({
      clientId,
      fileSetName: fileSet.name,
      level,
      before: Math.floor(Date.now() / 1000),
    });
    session.print(`Using Catalog "${configuration.first("Catalog").name}"\n`);
    session.print(`Connecting to Client ${client.name} at ${client.address}:${client.port}\n`);
    await session.flush();
    const connection = await createEstimate(director.resource.name, {
      client: client as never,
      fileSet: fileSet as never,
      level: JOB_LEVELS[level]?.keyword.toLowerCase() ?? "full",
      since: before?.startTime ?? 0,
      previousJob: before?.job ?? "",
      accurate: jobIds.length === 0 ? undefined : {
        files: catalog.currentFiles(jobIds),
        estimated: jobIds.reduce((sum, id) => sum + (catalog.job(id)?.jobFiles ?? 0), 0),
      },
    });
    try {
      await connection.send(
        directorToFile.estimate.format({ listing: args.has("listing") ? 1 : 0 }),
      );
      await passAnswer(connection, (text) => session.print(text));
      if (connection.canSend) await connection.sendSignal(Signal.TERMINATE);
    } finally {
      connection.close();
    }
  },
};
