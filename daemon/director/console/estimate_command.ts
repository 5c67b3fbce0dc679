/** `estimate` (console.md 11.5). @module */
import { directorToFile, JOB_LEVELS } from "../../../protocol/mod.ts";
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
    const level = levelLetter(args.value("level") ?? "Full") ?? "F";
    session.print(`Using Catalog "${configuration.first("Catalog").name}"\n`);
    session.print(`Connecting to Client ${client.name} at ${client.address}:${client.port}\n`);
    const connection = await createEstimate(director.resource.name, {
      client: client as never,
      fileSet: fileSet as never,
      level: JOB_LEVELS[level]?.keyword.toLowerCase() ?? "full",
    });
    try {
      await connection.send(
        directorToFile.estimate.format({ listing: args.has("listing") ? 1 : 0 }),
      );
      await passAnswer(connection, (text) => session.print(text));
    } finally {
      connection.close();
    }
  },
};
