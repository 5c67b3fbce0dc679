/**
 * How long daemons try to reach one another and wait for one another in a job (wire.md 14.3), and that
 * nothing of the job is left when they have given up.
 */
import { match, ok } from "node:assert";
import { RESOURCE_FILES as files, Rewriter } from "./support/rewrite.ts";
import { Installation } from "./support/roost.ts";
import { StorageScene } from "./support/storage_scene.ts";
import { waitFor } from "./support/wait_for.ts";

interface Scene {
  readonly installation: Installation;
  readonly rewriter: Rewriter;
}

async function scene(run: (scene: Scene) => Promise<void>): Promise<void> {
  const source = await Deno.makeTempDir({ prefix: "roost-data-" });
  try {
    await Deno.writeTextFile(`${source}/file`, "content\n");
    await using installation = await Installation.create({ backup: source });
    await run({ installation, rewriter: new Rewriter(installation) });
  } finally {
    await Deno.remove(source, { recursive: true });
  }
}

/** What is tried at the same time, with daemons that are processes: it waits more than it works. */
const trials: (readonly [name: string, run: () => Promise<void>])[] = [];

function together(name: string, run: () => Promise<void>): void {
  trials.push([name, run]);
}

/** Runs the job to its end; its messages. */
async function report(installation: Installation): Promise<string> {
  return await installation.console("run job=Backup level=Full yes", "wait", "messages");
}

/** No daemon knows the job any more, and another one can run. */
async function assertFree({ installation }: Scene): Promise<void> {
  await waitFor("the daemons to forget the job", async () => {
    const status = await installation.console(
      ...["status director", "status client=roost-fd", "status storage=File"],
    );
    return (status.match(/No Jobs running\./g)?.length ?? 0) === 3;
  });
}

together(
  "SD Connect Timeout of a file daemon ends a job whose storage daemon cannot be reached",
  () =>
    scene(async (scene) => {
      const { installation, rewriter } = scene;
      await rewriter.add(files.client, "Lan Address = 127.0.0.1");
      await rewriter.add(files.storage, "Lan Address = 127.0.0.8"); // nobody listens there
      await rewriter.add(files.file, "SD Connect Timeout = 2");
      await installation.start();
      const text = await report(installation);
      match(
        text,
        /roost-fd JobId 1: Fatal error: Failed to connect to Storage daemon: 127\.0\.0\.8:/,
      );
      match(text, /Termination: +\*\*\* Backup Error \*\*\*/);
      await assertFree(scene);
      await rewriter.add(files.client);
      await installation.console("reload");
      match(await report(installation), /Backup OK/);
    }),
);

together(
  "a storage daemon that takes the connection and says nothing ends the job within half a minute",
  () =>
    scene(async (scene) => {
      const { installation, rewriter } = scene;
      // The file daemon is sent to another address than the director.
      await rewriter.add(files.client, "Lan Address = 127.0.0.1");
      await rewriter.add(files.storage, "Lan Address = 127.0.0.7");
      using silent = Deno.listen({ hostname: "127.0.0.7", port: installation.port("sd") });
      await installation.start();
      const text = report(installation);
      using _taken = await silent.accept();
      match(
        await text,
        /Fatal error: Failed to authenticate Storage daemon\. .* not over after 30000 ms/,
      );
      match(await text, /Termination: +\*\*\* Backup Error \*\*\*/);
      await assertFree(scene);
    }),
);

together(
  "FD Connect Timeout and SD Connect Timeout of the director end a job whose daemons are down",
  () =>
    scene(async ({ installation, rewriter }) => {
      await rewriter.add(files.director, "FD Connect Timeout = 2", "SD Connect Timeout = 1");
      await installation.start("dir", "sd");
      const began = performance.now();
      match(
        await report(installation),
        /Fatal error: Failed to connect to Client roost-fd at 127\.0\.0\.1:\d+\. ERR=.*[Rr]efused/,
      );
      await installation.end("sd");
      match(
        await report(installation),
        /Fatal error: Failed to connect to Storage daemon File at 127\.0\.0\.1:\d+\. ERR=.*[Rr]efused/,
      );
      ok(performance.now() - began < 170_000); // what is configured counts, not the usual three minutes
    }),
);

Deno.test("Client Connect Wait ends a job of a storage daemon whose client does not come, and says so", async () => {
  await using storage = await StorageScene.start({}, { clientConnectWait: 1 });
  const director = await storage.director();
  await director.announce({ job: "Backup.2026-11-24_00.00.00_01", jobId: 1, pool: "Main" });
  await director.useStorage(true, "Main");
  await director.say("run");
  await director.readUntil(() => false).catch(() => {}); // to the end of the session
  match(director.log, /has not connected within Client Connect Wait = 1 s/);
  const status = await storage.director();
  await status.say("status");
  match(await status.answer(), /No Jobs running\./);
  status.close();
});

// They are processes, of which what one has opened is open while another ends.
const unwatched = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };

Deno.test({
  name: "daemons wait for one another as long as they are told to",
  ...unwatched,
  fn: async (t) => {
    await Promise.all(trials.map(([name, fn]) => t.step({ name, fn, ...unwatched })));
  },
});
