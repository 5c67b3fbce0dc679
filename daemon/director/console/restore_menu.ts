/** The menu of `restore` (console.md 12.2). @module */
import { encodeText } from "../../../bytes/mod.ts";
import { CommandFailed } from "./command.ts";
import { catalogTime } from "../report/formats.ts";
import {
  addDirectory,
  addFile,
  clientOf,
  mostRecent,
  namesOf,
  parseJobIds,
  type RestoreChoice,
  type RestoreScene,
  stateAt,
} from "./restore_selection.ts";
import { queried } from "./query_commands.ts";
import { completeDate } from "./restore_jobs.ts";
import { horizontalTable } from "./table.ts";

/** An item: true when there is something to restore, false to give up, nothing for the menu again. */
type Item = readonly [
  text: string,
  (scene: RestoreScene, choice: RestoreChoice) => Promise<boolean | void> | boolean | void,
];

const now = (): string => catalogTime(Math.floor(Date.now() / 1000) + 1);

async function askDate({ session }: RestoreScene): Promise<string> {
  session.print(
    "The restored files will the most current backup\nBEFORE the date you specify below.\n\n",
  );
  for (;;) {
    const date = completeDate(await session.ask("Enter date as YYYY-MM-DD HH:MM:SS :"));
    if (date !== undefined) return date;
    session.tell("error", "Improper date format.");
  }
}

async function askJobIds({ session }: RestoreScene): Promise<number[]> {
  return parseJobIds(await session.ask("Enter JobId(s), comma separated, to restore: "));
}

async function takeRecent(
  scene: RestoreScene,
  choice: RestoreChoice,
  date: string,
): Promise<void> {
  const { jobIds, client } = await mostRecent(scene, date);
  choice.jobIds = jobIds;
  choice.client = client;
}

async function askFiles(
  scene: RestoreScene,
  choice: RestoreChoice,
  date: string,
): Promise<boolean> {
  const { session } = scene;
  choice.client = (await clientOf(scene)).name;
  session.print(
    "Enter file names with paths, or < to enter a filename\n" +
      "containing a list of file names with paths, and Terminate\nthem with a blank line.\n",
  );
  for (;;) {
    const answer = await session.ask("Enter full filename: ");
    if (answer === "") return true;
    for (const name of namesOf(answer)) await addFile(scene, choice, name, date);
  }
}

const items: readonly Item[] = [
  ["List last 20 Jobs run", (scene) => listLast(scene)],
  ["List Jobs where a given File is saved", (scene) => listSaved(scene)],
  ["Enter list of comma separated JobIds to select", async (scene, choice) => {
    choice.jobIds = await askJobIds(scene);
    return true;
  }],
  ["Enter SQL list command", async (scene) => {
    requireSql(scene);
    const sql = await scene.session.ask("Enter SQL list command: ");
    const rows = await queried(scene.session, scene.catalog, sql);
    scene.session.print(horizontalTable(rows, { isPlain: true, nullText: "NULL" }));
  }],
  ["Select the most recent backup for a client", async (scene, choice) => {
    await takeRecent(scene, choice, now());
    return true;
  }],
  ["Select backup for a client before a specified time", async (scene, choice) => {
    await takeRecent(scene, choice, await askDate(scene));
    return true;
  }],
  ["Enter a list of files to restore", (scene, choice) => askFiles(scene, choice, now())],
  [
    "Enter a list of files to restore before a specified time",
    async (scene, choice) => await askFiles(scene, choice, await askDate(scene)),
  ],
  ["Find the JobIds of the most recent backup for a client", async (scene, choice) => {
    await takeRecent(scene, choice, now());
  }],
  [
    "Find the JobIds for a backup for a client before a specified time",
    async (scene, choice) => await takeRecent(scene, choice, await askDate(scene)),
  ],
  ["Enter a list of directories to restore for found JobIds", async (scene, choice) => {
    const { session } = scene;
    if (choice.jobIds.length === 0) choice.jobIds = await askJobIds(scene);
    else {
      session.print(`You have already selected the following JobIds: ${choice.jobIds.join(",")}\n`);
    }
    session.print(
      "Enter full directory names or start the name\nwith a < to indicate it is a filename containing a list\n" +
        "of directories and Terminate them with a blank line.\n",
    );
    for (;;) {
      const answer = await session.ask("Enter directory name: ");
      if (answer === "") return true;
      for (const name of namesOf(answer)) addDirectory(scene, choice, name);
    }
  }],
  ["Select full restore to a specified Job date", async (scene, choice) => {
    const [jobId] = parseJobIds(
      await scene.session.ask("Enter JobId to get the state to restore: "),
    );
    if (jobId === undefined) throw new CommandFailed("No JobId specified cannot continue.");
    choice.jobIds = stateAt(scene, jobId);
    return true;
  }],
  ["Cancel", () => false],
];

/** Lets the user choose jobs and files; false if nothing is to be restored. */
export async function chooseByMenu(scene: RestoreScene, choice: RestoreChoice): Promise<boolean> {
  const { session } = scene;
  session.print(
    "\nFirst you select one or more JobIds that contain files\nto be restored. You will be presented several methods\n" +
      "of specifying the JobIds. Then you will be allowed to\nselect which files from those JobIds are to be restored.\n\n",
  );
  for (;;) {
    const at = await session.dialogue.choose({
      header: "To select the JobIds, you have the following choices:",
      what: "",
      prompt: "Select item: ",
      items: items.map(([text]) => text),
    });
    try {
      const result = await items[at]?.[1](scene, choice);
      if (result !== undefined) return result;
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      session.tell("error", error.message);
    }
  }
}

function requireSql({ session }: RestoreScene): void {
  if (!session.allows("Command", "sqlquery")) {
    throw new CommandFailed("SQL query not authorized.");
  }
}

function listLast(scene: RestoreScene): void {
  requireSql(scene);
  const rows = scene.catalog.all(
    `SELECT Job.JobId AS jobid, Client.Name AS client, Job.StartTime AS starttime, Job.Level AS joblevel,
       Job.JobFiles AS jobfiles, Job.JobBytes AS jobbytes
     FROM Job JOIN Client ON Client.ClientId = Job.ClientId
     WHERE Job.Type = 'B' AND Job.JobStatus IN ('T', 'W') ORDER BY Job.StartTime DESC, Job.JobId DESC LIMIT 20`,
  );
  scene.session.print(horizontalTable(rows, { isPlain: true }));
}

async function listSaved(scene: RestoreScene): Promise<void> {
  const { session, catalog } = scene;
  const { id } = await clientOf(scene);
  const name = await session.ask("Enter Filename (no path):");
  const rows = catalog.all(
    `SELECT DISTINCT Job.JobId AS jobid, CAST(Path.Path || File.Name AS BLOB) AS name, Job.StartTime AS starttime,
       Job.Type AS jobtype, Job.JobStatus AS jobstatus, Job.JobFiles AS jobfiles, Job.JobBytes AS jobbytes
     FROM File JOIN Path ON Path.PathId = File.PathId JOIN Job ON Job.JobId = File.JobId
     WHERE Job.ClientId = ? AND File.Name = CAST(? AS TEXT) AND File.FileIndex > 0
     ORDER BY Job.StartTime DESC LIMIT 20`,
    id,
    encodeText(name),
  );
  session.print(horizontalTable(rows, { isPlain: true }));
}
