/** `restore` (console.md 12). @module */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BootstrapJob, makeBootstrap } from "../bootstrap.ts";
import { withCommas } from "../formats.ts";
import type { Arguments } from "./arguments.ts";
import { FileTree, type TreeSource } from "./file_tree.ts";
import type { QueryableCatalog } from "./list_command.ts";
import type { ConsoleCommand, ConsoleSession } from "./session.ts";
import { horizontalTable } from "./table.ts";
import { browse } from "./tree_commands.ts";

/** Chooses files of earlier backups and starts a job that brings them back. */
export const restoreCommand: ConsoleCommand = {
  name: "restore",
  help: "Restore files",
  async run(session, args) {
    const { director } = session;
    const { configuration } = director;
    session.print(`Using Catalog "${configuration.first("Catalog").name}"\n`);
    const restoreJob = await chooseRestoreJob(session, args);
    if (restoreJob === undefined) return;
    const clientName = args.value("client", "restoreclient") ?? await session.choose(
      "Client",
      "Select the Client",
      configuration.all("Client").map(({ name }) => name),
    );
    const client = configuration.get("Client", args.value("restoreclient") ?? clientName);
    const jobIds = await chooseJobs(session, args, clientName);
    if (client === undefined || jobIds.length === 0) {
      session.print(
        client === undefined ? `Client "${clientName}" not found.\n` : "No Jobs selected.\n",
      );
      return;
    }
    const tree = new FileTree(director.catalog as unknown as TreeSource, jobIds);
    session.print(`You have selected the following JobIds: ${jobIds.join(",")}\n`);
    const files = args.values("file");
    if (files.length > 0) {
      for (const path of files) tree.mark(path, true);
    } else {
      const isAll = args.has("all");
      session.print(`\nBuilding directory tree for JobId(s) ${jobIds.join(",")} ...\n`);
      if (isAll) tree.markAll(true);
      if (!args.has("done") && !await browse(session, tree)) {
        session.print("Restore not done.\n");
        return;
      }
    }
    const bootstrap = writeBootstrap(session, tree, jobIds);
    if (bootstrap === undefined) {
      session.print("No files selected to be restored.\n");
      return;
    }
    const where = args.value("where") ?? restoreJob.where;
    const replace = { always: "a", ifnewer: "w", ifolder: "o", never: "n" }[
      args.value("replace")?.toLowerCase() ?? ""
    ];
    session.print(`\n${withCommas(bootstrap.files)} files selected to be restored.\n\n`);
    if (!args.has("yes")) {
      session.print(
        `Run Restore job\nJobName:         ${restoreJob.name}\nBootstrap:       ${bootstrap.path}\n` +
          `Where:           ${where}\nRestore Client:  ${client.name}\n`,
      );
      if ((await session.ask("OK to run? (yes/mod/no): ")).toLowerCase() !== "yes") {
        session.print("Job not run.\n");
        return;
      }
    }
    const jobId = director.run({
      job: restoreJob,
      trigger: "User",
      client: client,
      storage: configuration.get("Storage", args.value("storage") ?? bootstrap.storage),
      where: args.value("regexwhere") === undefined ? where : undefined,
      regexWhere: args.value("regexwhere"),
      replace,
      bootstrap: bootstrap.path,
      files: bootstrap.files,
      isOwnBootstrap: true,
    });
    session.print(`Job queued. JobId=${jobId}\n`);
  },
};

async function chooseRestoreJob(session: ConsoleSession, args: Arguments) {
  const { configuration } = session.director;
  const jobs = configuration.all("Job").filter(({ type }) => type === "R");
  if (jobs.length === 0) {
    session.print(
      "No Restore Job Resource found in the configuration.\nYou must create at least one before running this command.\n",
    );
    return undefined;
  }
  const name = args.value("restorejob") ?? await session.choose(
    "Restore Job",
    "Select Restore Job",
    jobs.map(({ name }) => name),
  );
  const job = configuration.get("Job", name);
  if (job === undefined) session.print(`Restore job "${name}" not found.\n`);
  return job;
}

async function chooseJobs(
  session: ConsoleSession,
  args: Arguments,
  client: string,
): Promise<number[]> {
  const given = args.value("jobid");
  if (given !== undefined) return given.split(",").map(Number).filter((id) => id > 0);
  const { director } = session;
  const catalog = director.catalog as unknown as QueryableCatalog;
  const fileSets = catalog.all(
    `SELECT DISTINCT FileSet.FileSet AS fileset FROM Job JOIN FileSet USING (FileSetId) JOIN Client USING (ClientId)
     WHERE Client.Name = ? AND Job.Type = 'B' AND JobStatus IN ('T', 'W') ORDER BY 1`,
    client,
  ).map(({ fileset }) => String(fileset));
  if (fileSets.length === 0) {
    session.print(`No Full backup before now found for client "${client}".\n`);
    return [];
  }
  const fileSetName = args.value("fileset") ??
    await session.choose("FileSet", "Select FileSet resource", fileSets);
  const row = catalog.all("SELECT ClientId AS id FROM Client WHERE Name = ?", client)[0];
  const before = args.value("before");
  const jobIds = director.catalog.currentJobs({
    clientId: Number(row?.id ?? 0),
    fileSetName,
    level: "I",
    before: before === undefined
      ? Math.floor(Date.now() / 1000)
      : Math.floor(new Date(before.replace(" ", "T")).getTime() / 1000),
  });
  if (jobIds.length === 0) {
    session.print(`No Full backup before now found for client "${client}".\n`);
    return [];
  }
  session.print(horizontalTable(catalog.all(
    `SELECT DISTINCT Job.JobId AS jobid, Level AS level, JobFiles AS jobfiles, Job.JobBytes AS jobbytes, StartTime AS starttime, VolumeName AS volumename
     FROM Job JOIN JobMedia USING (JobId) JOIN Media USING (MediaId) WHERE Job.JobId IN (${
      jobIds.join(", ")
    }) ORDER BY StartTime`,
  )));
  return jobIds;
}

/** Writes the bootstrap of the marked files; undefined if there are none. */
function writeBootstrap(
  session: ConsoleSession,
  tree: FileTree,
  jobIds: readonly number[],
): { readonly path: string; readonly files: number; readonly storage: string } | undefined {
  const { director } = session;
  const { catalog, configuration } = director;
  const wanted = new Map<number, number[]>();
  for (const { jobId, fileIndex } of tree.marked()) {
    const indexes = wanted.get(jobId);
    if (indexes === undefined) wanted.set(jobId, [fileIndex]);
    else indexes.push(fileIndex);
  }
  const jobs: BootstrapJob[] = jobIds.filter((jobId) => wanted.has(jobId)).map((jobId) => {
    const row = catalog.job(jobId);
    return {
      volSessionId: row?.volSessionId ?? 0,
      volSessionTime: row?.volSessionTime ?? 0,
      jobMedia: catalog.jobMedia(jobId),
      fileIndexes: wanted.get(jobId),
    };
  });
  if (jobs.length === 0) return undefined;
  const bootstrap = makeBootstrap(jobs, (piece) => {
    const name = catalog.storageName(piece.storageId);
    const storage = configuration.all("Storage").find((candidate) => candidate.name === name) ??
      configuration.all("Storage").find(({ mediaType }) => mediaType === piece.mediaType);
    return storage && { name: storage.name, device: storage.device[0] };
  });
  const { name, workingDirectory } = director.resource;
  const path = join(workingDirectory, `${name}.restore.${Date.now()}.bsr`);
  writeFileSync(path, bootstrap.text, { mode: 0o600 });
  session.print(`Bootstrap records written to ${path}\n\nThe job will require the following\n`);
  session.print("   Volume(s)                 Storage(s)                SD Device(s)\n");
  session.print(`${"=".repeat(75)}\n   \n`);
  for (const volume of bootstrap.volumes) {
    session.print(
      `    ${volume.volumeName.padEnd(25)} ${volume.storage.padEnd(25)} ${
        volume.device.padEnd(25)
      }\n`,
    );
  }
  session.print('\nVolumes marked with "*" are online.\n\n');
  return { path, files: bootstrap.files, storage: bootstrap.volumes[0]?.storage ?? "" };
}
