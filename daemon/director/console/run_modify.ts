/** The menu in which `run` is changed (console.md 11.3). @module */
import { accessSync, constants } from "node:fs";
import { systemReason } from "../../system_reason.ts";
import { fileRelocation } from "./file_relocation.ts";
import { levelLetter, replaceLetters, type RunWish, standardLevel, timeOf } from "./run_wish.ts";
import { chooseResource } from "./selectors.ts";
import type { ConsoleSession } from "./session.ts";

/** One item of the menu. */
interface Item {
  readonly text: string;
  change(session: ConsoleSession, wish: RunWish): Promise<void> | void;
}

const backupLevels = ["Full", "Incremental", "Differential", "Since", "VirtualFull"];
const verifyLevels = [
  ["Initialize Catalog", "InitCatalog"],
  ["Verify Catalog", "Catalog"],
  ["Verify Volume to Catalog", "VolumeToCatalog"],
  ["Verify Disk to Catalog", "DiskToCatalog"],
  ["Verify Volume Data (not yet implemented)", "Data"],
] as const;

const source = "user selection";

const level: Item = {
  text: "Level",
  async change(session, wish) {
    const isVerify = wish.job.type === "V";
    if (wish.job.type !== "B" && !isVerify) {
      session.print("Level not appropriate for this Job. Cannot be changed.\n");
      return;
    }
    const words = isVerify ? verifyLevels.map(([, word]) => word) : backupLevels;
    const at = await session.dialogue.choose({
      header: "Levels:",
      what: "",
      prompt: "Select level",
      items: isVerify ? verifyLevels.map(([text]) => text) : backupLevels,
    });
    wish.level = levelLetter(words[at] ?? "") ?? wish.level;
  },
};

const storage: Item = {
  text: "Storage",
  async change(session, wish) {
    wish.storage = { resource: await chooseResource(session, "Storage"), source };
  },
};

const job: Item = {
  text: "Job",
  async change(session, wish) {
    wish.job = await chooseResource(session, "Job");
    wish.level = standardLevel(wish.job);
    wish.client = wish.job.client ?? wish.client;
    wish.backupClient = wish.job.type === "R" ? wish.client : undefined;
    wish.fileSet = wish.job.fileSet ?? wish.fileSet;
    wish.verifyJob = wish.job.jobToVerify;
    wish.priority = wish.job.priority;
  },
};

const fileSet: Item = {
  text: "FileSet",
  async change(session, wish) {
    wish.fileSet = await chooseResource(session, "FileSet");
  },
};

const client = (text: string): Item => ({
  text,
  async change(session, wish) {
    wish.client = await chooseResource(session, "Client");
  },
});

const backupFormat: Item = {
  text: "Backup Format",
  async change(session, wish) {
    wish.backupFormat = await session.ask("Please enter Backup Format: ");
  },
};

const when: Item = {
  text: "When",
  async change(session, wish) {
    const answer = await session.ask(
      "Please enter desired start time as YYYY-MM-DD HH:MM:SS (return for now): ",
    );
    const time = timeOf(answer);
    if (time === undefined) session.print("Invalid time specification.\n");
    else wish.when = answer.trim() === "" ? 0 : time;
  },
};

const priority: Item = {
  text: "Priority",
  async change(session, wish) {
    const answer = await session.ask("Enter new Priority: ");
    if (/^\d{1,9}$/.test(answer) && Number(answer) > 0) wish.priority = Number(answer);
    else session.print("Priority must be a positive integer.\n");
  },
};

const pool: Item = {
  text: "Pool",
  async change(session, wish) {
    wish.pool = { resource: await chooseResource(session, "Pool"), source };
  },
};

const nextPool: Item = {
  text: "NextPool",
  async change(session, wish) {
    wish.nextPool = { resource: await chooseResource(session, "Pool"), source };
  },
};

const verifyJob: Item = {
  text: "Verify Job",
  async change(session, wish) {
    wish.verifyJob = await chooseResource(session, "Job");
  },
};

const pluginOptions: Item = {
  text: "Plugin Options",
  async change(session, wish) {
    const answer = await session.ask("Please enter Plugin Options string: ");
    if (session.allows("PluginOptions", answer)) wish.pluginOptions = answer;
    else session.print('No authorization for "PluginOptions" specification.\n');
  },
};

const bootstrap: Item = {
  text: "Bootstrap",
  async change(session, wish) {
    const path = await session.ask("Please enter the Bootstrap file name: ");
    try {
      if (path !== "") accessSync(path, constants.R_OK);
    } catch (error) {
      session.print(`Warning cannot open ${path}: ERR=${systemReason(error)}\n`);
    }
    wish.bootstrap = path;
  },
};

const where: Item = {
  text: "Where",
  async change(session, wish) {
    const answer = await session.ask(
      "Please enter the full path prefix for restore (/ for none): ",
    );
    if (!session.allows("Where", answer)) {
      session.print('No authorization for "where" specification.\n');
      return;
    }
    wish.where = answer === "/" ? "" : answer;
    wish.regexWhere = undefined;
  },
};

const relocation: Item = {
  text: "File Relocation",
  async change(session, wish) {
    const regex = await fileRelocation(session, wish.regexWhere);
    if (regex === undefined) return;
    wish.regexWhere = regex;
    wish.where = undefined;
  },
};

const replace: Item = {
  text: "Replace",
  async change(session, wish) {
    const items = ["Always", "IfNewer", "IfOlder", "Never"];
    const at = await session.dialogue.choose({
      header: "Replace:",
      what: "",
      prompt: "Select replace option",
      items,
    });
    wish.replace = replaceLetters[(items[at] ?? "").toLowerCase()];
  },
};

const jobId: Item = {
  text: "JobId",
  async change(session, wish) {
    if (wish.bootstrap !== "") {
      session.print("You must set the bootstrap file to NULL to be able to specify a JobId.\n");
      return;
    }
    wish.jobIds = [await session.dialogue.number("Please enter a JobId for restore: ")];
  },
};

const common = (clientText: string): readonly Item[] => [
  ...[level, storage, job, fileSet, client(clientText), backupFormat, when, priority],
];

/** The items of a type of job, in their order. */
function itemsOf(wish: RunWish): readonly Item[] {
  const last = [pluginOptions];
  switch (wish.job.type) {
    case "B":
      return [...common("Client"), pool, ...(wish.level === "f" ? [nextPool] : []), ...last];
    case "V":
      return [...common("Client"), pool, verifyJob, ...last];
    case "c":
    case "g":
      return [...common("Client"), pool, nextPool, ...last];
    case "R":
      return [
        ...common("Restore Client"),
        ...[bootstrap, where, relocation, replace, jobId],
        ...last,
      ];
    default:
      return common("Client");
  }
}

/** Lets the user change one thing of a wish. @throws DialogueEnded if the user does not want to */
export async function modify(session: ConsoleSession, wish: RunWish): Promise<void> {
  const items = itemsOf(wish);
  const at = await session.dialogue.choose({
    header: "Parameters to modify:",
    what: "",
    prompt: "Select parameter to modify",
    items: items.map(({ text }) => text),
  });
  await items[at]?.change(session, wish);
}
