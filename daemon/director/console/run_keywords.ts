/** The keywords of `run` (console.md 11.1). @module */
import type { Arguments } from "./arguments.ts";
import { CommandFailed } from "./command.ts";
import type { RunWish } from "./run_wish.ts";

/** A keyword: what is said when it comes twice, and what of a wish it decides. */
interface Keyword {
  readonly title: string;
  /** Fields of the wish; a keyword without any has no say behind `mod`. */
  readonly fields: readonly (keyof RunWish)[];
  /** The keyword that it excludes as if it were the same; itself if not given. */
  readonly sameAs?: string;
}

const clients: Keyword["fields"] = ["client", "backupClient"];

const keywords: Readonly<Record<string, Keyword>> = {
  job: { title: "Job name", fields: [] },
  jobname: { title: "Job name", fields: [], sameAs: "job" },
  jobid: { title: "JobId", fields: ["jobIds"] },
  client: { title: "Client", fields: clients },
  fd: { title: "Client", fields: clients, sameAs: "client" },
  fileset: { title: "FileSet", fields: ["fileSet"] },
  level: { title: "Level", fields: ["level"] },
  storage: { title: "Storage", fields: ["storage"] },
  sd: { title: "Storage", fields: ["storage"], sameAs: "storage" },
  regexwhere: {
    title: "RegexWhere or Where",
    fields: ["where", "regexWhere"],
    sameAs: "where",
  },
  where: { title: "Where or RegexWhere", fields: ["where", "regexWhere"] },
  bootstrap: { title: "Bootstrap", fields: ["bootstrap"] },
  replace: { title: "Replace", fields: ["replace"] },
  when: { title: "When", fields: ["when"] },
  priority: { title: "Priority", fields: ["priority"] },
  verifyjob: { title: "Verify Job", fields: ["verifyJob"] },
  files: { title: "files", fields: ["files"] },
  catalog: { title: "Catalog", fields: ["catalog"] },
  since: { title: "Since", fields: ["since"] },
  cloned: { title: "Cloned", fields: ["cloned"] },
  migrationjob: { title: "Migration Job", fields: [] },
  pool: { title: "Pool", fields: ["pool"] },
  nextpool: { title: "NextPool", fields: ["nextPool"] },
  backupclient: { title: "Client", fields: clients, sameAs: "client" },
  restoreclient: { title: "Restore Client", fields: ["client"] },
  pluginoptions: { title: "Plugin Options", fields: ["pluginOptions"] },
  spooldata: { title: "Spool flag", fields: ["spoolData"] },
  comment: { title: "Comment", fields: ["comment"] },
  ignoreduplicatecheck: {
    title: "IgnoreDuplicateCheck flag",
    fields: ["ignoreDuplicateCheck"],
  },
  accurate: { title: "Accurate flag", fields: ["accurate"] },
  backupformat: { title: "Backup Format", fields: ["backupFormat"] },
  consolidatejob: { title: "Consolidate Job", fields: [] },
};

/** What is wrong with the words of a job, told as it is. */
export const plain = (text: string): CommandFailed => new CommandFailed(text, "plain");

/** The words of a line by keyword, which is in small letters. @throws CommandFailed if one is wrong */
export function runWords(args: Arguments): Map<string, string> {
  const found = new Map<string, string>();
  const seen = new Set<string>();
  args.all.forEach(({ keyword, value }, at) => {
    const word = keyword.toLowerCase();
    if (word === "yes" && value === undefined) return;
    const known = keywords[word];
    if (known === undefined) {
      // A first word that is no keyword names the job.
      if (value === undefined && at === 0) found.set("job", keyword);
      else throw plain(`Invalid keyword: ${keyword}`);
      return;
    }
    if (value === undefined || (value === "" && word !== "where")) {
      throw plain(`Value missing for keyword ${keyword}`);
    }
    const key = known.sameAs ?? word;
    if (seen.has(key)) throw plain(`${known.title} specified twice.`);
    seen.add(key);
    found.set(word, value);
  });
  return found;
}

/** Takes over from `fresh` what these words decide; everything if they name another job. */
export function takeOver(wish: RunWish, fresh: RunWish, words: ReadonlyMap<string, string>): void {
  if (words.has("job") || words.has("jobname")) Object.assign(wish, fresh);
  for (const word of words.keys()) {
    for (const field of keywords[word]?.fields ?? []) {
      Object.assign(wish, { [field]: fresh[field] });
    }
  }
}
