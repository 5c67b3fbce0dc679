/** What `run` shows before a job starts (console.md 11.2). @module */
import { JOB_LEVELS, jobTypeText } from "../../../protocol/mod.ts";
import { catalogTime } from "../report/formats.ts";
import type { Picked } from "../jobs/job.ts";
import type { CatalogResource } from "../resources.ts";
import { chooseCatalog } from "../volumes/pool_choice.ts";
import {
  nextPoolOfWish,
  poolOfWish,
  replaceLetters,
  requestOf,
  type RunWish,
  storageOfWish,
} from "./run_wish.ts";
import type { ConsoleSession } from "./session.ts";

/** A line: the key, its value, and for pools and storages where the value comes from. */
type Line = readonly [key: string, value: string, source?: string];

const none = "*None*";

const picked = (
  key: string,
  choice: Picked<{ readonly name: string }> | undefined,
): Line => choice === undefined ? [key, none] : [key, choice.resource.name, choice.source];

const named = (key: string, resource: { readonly name: string } | undefined): Line => [
  key,
  resource?.name ?? none,
];

const when = (wish: RunWish): Line => [
  "When",
  catalogTime(wish.when || Math.floor(Date.now() / 1000)),
];
const priority = (wish: RunWish): Line => ["Priority", String(wish.priority)];
const level = (wish: RunWish): Line => ["Level", JOB_LEVELS[wish.level]?.longText ?? wish.level];
const format = (wish: RunWish): Line => ["Format", wish.backupFormat];
const options = (wish: RunWish): Line[] =>
  wish.pluginOptions === "" ? [] : [["Plugin Options", wish.pluginOptions]];

/** The word of a letter of replacement. */
export function replaceWord(letter: string): string {
  const word = Object.entries(replaceLetters).find(([, meant]) => meant === letter)?.[0] ??
    "always";
  return { always: "Always", ifnewer: "IfNewer", ifolder: "IfOlder", never: "Never" }[word] ?? word;
}

/** The letter of replacement that holds for a wish. */
function replaceOfWish(wish: RunWish): string {
  return wish.replace ?? (wish.job.replace || "a");
}

function whereLine(wish: RunWish): Line {
  const regex = wish.regexWhere ?? (wish.where === undefined ? wish.job.regexWhere : "");
  if (regex !== "") return ["RegexWhere", regex];
  return ["Where", wish.where ?? (wish.job.where || none)];
}

/** Title, column of the values, and lines of a type of job. */
interface Screen {
  readonly title: string;
  readonly column: number;
  lines(wish: RunWish, catalog: CatalogResource): readonly Line[];
}

const plainJob = (title: string): Screen => ({
  title,
  column: 11,
  lines: (wish) => [
    ["JobName", wish.job.name],
    named("FileSet", wish.fileSet),
    named("Client", wish.client),
    ["Storage", storageOfWish(wish)?.resource.name ?? none],
    when(wish),
    priority(wish),
  ],
});

const copyJob = (title: string): Screen => ({
  title,
  column: 16,
  lines: (wish, catalog) => {
    const next = nextPoolOfWish(wish);
    const [target] = next?.resource.storage ?? [];
    return [
      ["JobName", wish.job.name],
      ["Bootstrap", wish.bootstrap || none],
      picked("Read Storage", storageOfWish(wish)),
      picked("Pool", poolOfWish(wish)),
      picked(
        "Write Storage",
        target && { resource: target, source: "Storage from Pool's NextPool resource" },
      ),
      picked("NextPool", next),
      ["JobId", wish.jobIds.length === 0 ? none : wish.jobIds.join(",")],
      when(wish),
      named("Catalog", catalog),
      priority(wish),
    ];
  },
});

const screens: Readonly<Record<string, Screen>> = {
  B: {
    title: "Run Backup job",
    column: 11,
    lines: (wish) => [
      ["JobName", wish.job.name],
      level(wish),
      named("Client", wish.client),
      format(wish),
      named("FileSet", wish.fileSet),
      picked("Pool", poolOfWish(wish)),
      ...(wish.level === "f" ? [picked("NextPool", nextPoolOfWish(wish))] : []),
      picked("Storage", storageOfWish(wish)),
      when(wish),
      priority(wish),
      ...options(wish),
    ],
  },
  V: {
    title: "Run Verify Job",
    column: 14,
    lines: (wish) => [
      ["JobName", wish.job.name],
      level(wish),
      named("Client", wish.client),
      named("FileSet", wish.fileSet),
      picked("Pool", poolOfWish(wish)),
      picked("Storage", storageOfWish(wish)),
      named("Verify Job", wish.verifyJob),
      when(wish),
      priority(wish),
    ],
  },
  R: {
    title: "Run Restore job",
    column: 18,
    lines: (wish, catalog) => [
      ["JobName", wish.job.name],
      ["Bootstrap", wish.bootstrap || none],
      whereLine(wish),
      ["Replace", replaceWord(replaceOfWish(wish))],
      ...(wish.jobIds.length === 0
        ? [
          named("FileSet", wish.fileSet),
          named("Backup Client", wish.backupClient),
          named("Restore Client", wish.client),
          format(wish),
          ["Storage", storageOfWish(wish)?.resource.name ?? none] as const,
        ]
        : [
          named("Client", wish.client),
          format(wish),
          ["Storage", storageOfWish(wish)?.resource.name ?? none] as const,
          ["JobId", wish.jobIds.join(",")] as const,
        ]),
      when(wish),
      named("Catalog", catalog),
      priority(wish),
      ["Plugin Options", wish.pluginOptions || none],
    ],
  },
  c: copyJob("Run Copy job"),
  g: copyJob("Run Migration job"),
  D: plainJob("Run Admin Job"),
  A: plainJob("Run Archive Job"),
  O: plainJob("Run Consolidate Job"),
};

/** The screen of a wish: for people, or as API mode 1 has it. */
export function runScreen({ director, output }: ConsoleSession, wish: RunWish): string {
  const isApi = output.api > 0;
  const screen = screens[wish.job.type] ?? plainJob(`Run ${jobTypeText(wish.job.type)} Job`);
  const type = jobTypeText(wish.job.type);
  const head = isApi ? `Type: ${type}\nTitle: Run ${type} Job\n` : `${screen.title}\n`;
  const { resource: catalog } = chooseCatalog(
    requestOf(wish),
    poolOfWish(wish).resource,
    wish.client,
    director.configuration.first("Catalog"),
  );
  return head + screen.lines(wish, catalog).map(([key, value, source]) => {
    const text = isApi || source === undefined ? value : `${value} (From ${source})`;
    // A key that fills the column keeps a blank behind it.
    return `${`${key}: `.padEnd(screen.column - 1)}${text}\n`;
  }).join("");
}
