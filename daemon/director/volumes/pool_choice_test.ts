import { deepStrictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import type { JobRequest } from "../jobs/job_request.ts";
import { chooseCatalog, choosePool, chooseStorage } from "./pool_choice.ts";

const POOLS = ["Full", "JobFull", "JobInc", "RunFull", "RunInc", "Any", "Said"]
  .map((name) => poolText("", name)).join("");
const LEVEL_POOLS = "Full Backup Pool = JobFull; Incremental Backup Pool = JobInc";

/** The pool and its source for a level, by `Pool source`. */
function pool(
  directives: string,
  run: string,
  level: string,
  other: { readonly said?: string; readonly isUpgraded?: boolean } = {},
): string {
  using scene = new DirectorScene(
    `${POOLS}${jobText(directives)}Schedule { Name = S; Run = ${run} daily at 1:00 }\n`,
  );
  const request: JobRequest = {
    job: scene.resource("Backup"),
    trigger: "Scheduler",
    runLine: scene.configuration.first("Schedule").run[0],
    pool: other.said === undefined ? undefined : scene.configuration.get("Pool", other.said),
  };
  const { resource, source } = choosePool(request, level, other.isUpgraded ?? false);
  return `${resource.name} (${source})`;
}

Deno.test("choosePool() goes from the Run line over the level to the job", () => {
  deepStrictEqual(
    [
      pool("", "", "F"),
      pool(LEVEL_POOLS, "", "F"),
      pool(LEVEL_POOLS, "", "I"),
      pool(LEVEL_POOLS, "", "D"),
      pool(LEVEL_POOLS, "Pool=Any", "F"),
      pool(LEVEL_POOLS, "FullPool=RunFull", "F"),
      pool(LEVEL_POOLS, "FullPool=RunFull", "I"),
      pool(LEVEL_POOLS, "Pool=Any IncrementalPool=RunInc", "I"),
      pool("", "Pool=Any IncrementalPool=RunInc", "F"),
    ],
    [
      "Full (Job resource)",
      "JobFull (Job FullPool override)",
      "JobInc (Job IncPool override)",
      "Full (Job resource)",
      "Any (Run Pool override)",
      "RunFull (Run FullPool override)",
      "JobInc (Job IncPool override)",
      "RunInc (Run IncPool override)",
      "Any (Run Pool override)",
    ],
  );
});

Deno.test("choosePool() obeys the command line unless the level was upgraded", () => {
  deepStrictEqual(
    [
      pool(LEVEL_POOLS, "", "F", { said: "Said" }),
      pool(LEVEL_POOLS, "", "F", { said: "Said", isUpgraded: true }),
      pool("", "", "F", { said: "Said", isUpgraded: true }),
    ],
    ["Said (command line)", "JobFull (Job FullPool override)", "Said (command line)"],
  );
});

const storageText = (name: string) =>
  `Storage { Name = ${name}; Address = 127.0.0.1; Password = x; Device = D; Media Type = M }\n`;

Deno.test("chooseStorage() prefers what was said, then the Run line, the pool, the job", () => {
  const text = poolText("") + poolText("Storage = OfPool", "Own") + jobText() +
    ["OfPool", "OfRun", "Said"].map(storageText).join("") +
    "Schedule { Name = S; Run = Storage=OfRun daily at 1:00 }\n";
  using scene = new DirectorScene(text);
  const { configuration } = scene;
  const request: JobRequest = { job: scene.resource("Backup"), trigger: "User" };
  const runLine = configuration.first("Schedule").run[0];
  const storage = configuration.get("Storage", "Said");
  const [plain, own] = ["Full", "Own"].map((name) => configuration.get("Pool", name));
  if (plain === undefined || own === undefined) throw new Error("no pool");
  const chosen = (changes: Partial<JobRequest>, of = own) => {
    const found = chooseStorage({ ...request, ...changes }, of);
    return `${found?.resource.name} (${found?.source})`;
  };
  deepStrictEqual(
    [chosen({}, plain), chosen({}), chosen({ runLine }), chosen({ runLine, storage })],
    [
      "Disk (Job resource)",
      "OfPool (Pool resource)",
      "OfRun (Run storage override)",
      "Said (command line)",
    ],
  );
});

Deno.test("chooseCatalog() prefers the pool's to the client's to the first", () => {
  using scene = new DirectorScene(
    poolText("") + poolText("Catalog = Second", "Own") + jobText() +
      "Catalog { Name = Second; DbName = b; DbUser = x }\n" +
      "Client { Name = c; Address = 127.0.0.1; Password = x; Catalog = Second }\n",
  );
  const { configuration } = scene;
  const request: JobRequest = { job: scene.resource("Backup"), trigger: "User" };
  const first = configuration.first("Catalog");
  const source = (poolName: string, clientName: string) => {
    const of = configuration.get("Pool", poolName);
    if (of === undefined) throw new Error("no pool");
    const found = chooseCatalog(request, of, configuration.get("Client", clientName), first);
    return `${found.resource.name} (${found.source})`;
  };
  deepStrictEqual(
    [source("Full", "fd"), source("Full", "c"), source("Own", "fd")],
    ["Main (Default catalog)", "Second (Client resource)", "Second (Pool resource)"],
  );
});
