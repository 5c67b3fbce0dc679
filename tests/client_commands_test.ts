/**
 * The file daemon's commands one by one, as a director may send them: their answers, what ends the
 * session, and what a tolerant daemon takes (director-client.md 2, 4, 15, 16, 28).
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { decodeText } from "../bytes/mod.ts";
import { loadConfiguration } from "../daemon/config/mod.ts";
import { FileDaemon, fileOptions } from "../daemon/file/mod.ts";
import {
  authenticateConnector,
  type Connection,
  dial,
  passwordKey,
  Signal,
  signalName,
  TlsPolicy,
} from "../protocol/mod.ts";
import { fixture, hasFixtures, join } from "./support/paths.ts";
import { loadRecording } from "./support/recording.ts";
import { waitFor } from "./support/wait_for.ts";

/** A director's end of a session. */
class Director {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Sends a command and gives the next frame: its text, the name of a signal, or nothing at the end. */
  async ask(command: string): Promise<string | undefined> {
    await this.connection.send(command);
    return await this.next();
  }

  async next(): Promise<string | undefined> {
    const frame = await this.connection.receive({ timeoutMs: 60_000 });
    if (frame === undefined) return undefined;
    return frame.kind === "signal" ? signalName(frame.signal) : decodeText(frame.payload);
  }

  /** The texts up to EOD. */
  async all(command: string): Promise<string[]> {
    const texts: string[] = [];
    for (let text = await this.ask(command); text !== "EOD"; text = await this.next()) {
      if (text === undefined) throw new Error(`${command}: the session ended`);
      texts.push(text);
    }
    return texts;
  }

  /** Whether the daemon ends the session now. */
  async isOver(): Promise<boolean> {
    const text = await this.next();
    return text === "TERMINATE" || text === undefined;
  }
}

interface Scene {
  connect(name?: string): Promise<Director>;
  readonly work: string;
}

function test(name: string, run: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name: `file daemon: ${name}`,
    ignore: !hasFixtures,
    async fn() {
      const work = await Deno.makeTempDir({ prefix: "roost-commands-" });
      const options = fileOptions(loadConfiguration("file", fixture("config/rec-fd.conf")));
      const [director] = options.directors;
      if (director === undefined) throw new Error("The configuration has no director");
      const daemon = await new FileDaemon({
        settings: {
          ...options.settings,
          ...{
            workingDirectory: work,
            maximumConcurrentJobs: 2,
            secureEraseCommand: "/bin/shred x",
          },
        },
        addresses: [{ host: "127.0.0.1", port: 0 }],
        directors: [director, { ...director, name: "watcher", isMonitor: true }],
      }).start();
      const connections: Connection[] = [];
      try {
        await run({
          work,
          async connect(name = "rec-dir") {
            const port = daemon.ports[0] ?? 0;
            const connection = await dial({ address: "127.0.0.1", port, who: "file daemon" });
            connections.push(connection);
            await authenticateConnector(connection, {
              hello: `Hello Director ${name} calling Version="26.0.0"\n`,
              ownName: `R_DIRECTOR::${name}`,
              key: passwordKey("fd-pw"),
              tlsPolicy: TlsPolicy.none,
            });
            const director = new Director(connection);
            match(await director.next() ?? "", /^2000 OK Hello \d+\n$/);
            return director;
          },
        });
      } finally {
        for (const connection of connections) connection.close();
        await daemon.stop();
        await Deno.remove(work, { recursive: true });
      }
    },
  });
}

const announce = (jobId: number, name = `job.2026-01-01_00.00.00_0${jobId}`): string =>
  `JobId=${jobId} Job=${name} SDid=0 SDtime=0 Authorization=dummy`;

/** Numbers, times, names and versions made alike. */
function alike(text: string): string {
  return text.replace(/^\S+ Version: .*/, "daemon Version")
    .replace(/running=\d+, .* binary/, "running=N, x binary")
    .replace(/\d\d-\w{3}-\d\d \d\d:\d\d/g, "TIME")
    .replace(/run=\d+/, "run=N");
}

test("status has the frames of the recording", async ({ connect }) => {
  const director = await connect();
  const recorded = loadRecording("19").connections.find(({ link }) => link === "to-fd");
  const texts = (recorded?.frames ?? []).flatMap((frame) =>
    frame.kind === "message" && frame.side === "<" && frame.payload !== undefined
      ? [decodeText(frame.payload)]
      : []
  );
  const start = texts.indexOf("\n");
  ok(start > 0);
  const isOptional = (text: string): boolean => text.includes("WARNINGS for this filedaemon");
  // Jobs that have ended, and the heading over them, were there in the recording only.
  const isOfJobs = (text: string): boolean => /^( JobId|=====|\s+\d+ {2})/.test(text);
  const wanted = texts.slice(start).filter((text) => !isOptional(text) && !isOfJobs(text)).map(
    alike,
  );
  // The client of the recording had neither.
  const isOurs = (text: string): boolean => /secure erase|Plugin Info/.test(text);
  const got = (await director.all("status")).filter((text) => !isOurs(text));
  deepStrictEqual(got.map(alike), wanted);
  // Several commands may follow on one connection, with line feed or without.
  deepStrictEqual((await director.all("status\n")).filter(isOurs), [
    " secure erase command='/bin/shred x'\n\0",
    "Plugin Info:\n Plugin: bpipe-fd (built in)\n\0",
  ]);
});

test(".status answers each word, and says which it does not know", async ({ connect }) => {
  const job = await connect();
  match(await job.ask(announce(1)) ?? "", /^2000 OK Job /);
  const director = await connect();
  deepStrictEqual(await director.all(".status current"), [
    "2000 OK .status\n",
    "JobId=1 JobStatus=C JobErrors=0\n",
  ]);
  deepStrictEqual(await director.all(".status last"), ["2000 OK .status\n"]);
  match((await director.all(".status HEADER")).join(""), /Version: .*\n\0Daemon started /);
  const running = (await director.all(".status running")).join("").replaceAll("\0", "");
  match(running, /^DirectorConnected=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n/);
  match(
    running,
    /JobId=1\n Job=job\.\S+\n VSS=0\n Level= \n JobType=I\n JobStarted=[-\d: ]+\n Files=0\n Bytes=0\n Bytes\/sec=0\n Errors=0\n Bwlimit=0\n Files Examined=0\n SDSocket=closed\n$/,
  );
  match(
    (await director.all("status")).join(""),
    /JobId 1 Job \S+ is running\.\n\0 +System or Console Job started/,
  );
  await job.connection.sendSignal(Signal.TERMINATE);
  await waitFor("the job to end", async () => !(await director.all(".status current"))[1]);
  match((await director.all(".status last"))[1] ?? "", /^JobId=1 JobStatus=. JobErrors=0\n$/);
  match(
    (await director.all(".status terminated"))[0] ?? "",
    /^ {5}1\t {6}\t {7}0\t {8}0 \tOK {5}\t\S+ \S+\tjob\n\0$/,
  );
  deepStrictEqual(await director.all(".status nonsense"), [
    "Bad .status command: .status nonsense\n",
    "2900 Bad .status command, wrong argument.\n",
  ]);
  ok(await director.isOver());
  const other = await connect();
  deepStrictEqual(await other.all(".status"), ["2900 Bad .status command, missing argument.\n"]);
  ok(await other.isOver());
});

test("setdebug in all its forms", async ({ connect, work }) => {
  const director = await connect();
  const file = ` tracefile=${join(work, "rec-fd.trace")}\n`;
  for (
    const [command, answer] of [
      ["setdebug=100 trace=1 hangup=0 timestamp=1", "level=100 trace=1 hangup=0 timestamp=1"],
      ["setdebug=-1 trace=-1 hangup=0 timestamp=0\n", "level=100 trace=1 hangup=0 timestamp=0"],
      ["setdebug=0 trace=0 hangup=0", "level=0 trace=0 hangup=0"],
      ["setdebug=5 trace=0", "level=5 trace=0 hangup=0"],
      ["setdebug=100 trace=1 hangup=3 timestamp=-1", "level=100 trace=1 hangup=1 timestamp=0"],
      ["setdebug=-1 trace=-1 hangup=-1", "level=100 trace=1 hangup=1"],
    ] as const
  ) {
    strictEqual(
      await director.ask(command),
      `2000 OK set${answer.replace("level", "debug")}${file}`,
    );
  }
  // What goes on is in the trace file from then on, without keys.
  const job = await connect();
  await job.ask(announce(1).replace("dummy", "ABCD-EFGH-IJKL"));
  await job.connection.sendSignal(Signal.TERMINATE);
  const trace = await waitFor("the job's end in the trace", async () => {
    const text = await Deno.readTextFile(join(work, "rec-fd.trace"));
    return /^rec-fd \(10\): job job\.\S+ ends: status ., 0 files$/m.test(text) && text;
  });
  match(trace, /^rec-fd \(100\): < rec-dir: JobId=1 Job=job\.\S+ .* Authorization=\*\*\*$/m);
  match(trace, /^rec-fd \(100\): > rec-dir: 2000 OK Job /m);
  match(trace, /^rec-fd \(10\): job job\.\S+ begins$/m);
  match(await director.ask("setdebug=x") ?? "", /^2991 Bad setdebug command: /);
  ok(await director.isOver());
});

test("setbandwidth, cancel, resolve and the secure erase command", async ({ connect }) => {
  const job = await connect();
  match(await job.ask(announce(1, "mine.2026-01-01_00.00.00_01")) ?? "", /^2000 OK Job /);
  const director = await connect();
  strictEqual(await director.ask("setbandwidth=1000 Job="), "2000 OK Bandwidth\n");
  strictEqual(await director.ask("setbandwidth=1000 Job=\n"), "2000 OK Bandwidth\n");
  match((await director.all("status")).join(""), /bwlimit=0kB\/s[^]*Bwlimit=1,000\n/);
  strictEqual(
    await director.ask("setbandwidth=5 Job=mine.2026-01-01_00.00.00_01\n"),
    "2000 OK Bandwidth\n",
  );
  match((await director.all("status")).join(""), /Bwlimit=5\n/);
  strictEqual(await director.ask("setbandwidth=5 Job=nobody\n"), "2901 Job nobody not found.\n");
  strictEqual(await director.next(), "2000 OK Bandwidth\n");
  strictEqual(
    await director.ask("getSecureEraseCmd\n"),
    "2000 OK FDSecureEraseCmd /bin/shred x\n",
  );
  deepStrictEqual(await director.all("cancel Job=nobody"), ["2901 Job nobody not found.\n"]);
  const marked = "2001 Job mine.2026-01-01_00.00.00_01 marked to be canceled.\n";
  deepStrictEqual(await director.all("cancel Job=mine.2026-01-01_00.00.00_01"), [marked]);
  deepStrictEqual(await director.all("cancel Job=mine.2026-01-01_00.00.00_01\n"), [marked]);
  match((await director.all("resolve localhost"))[0] ?? "", /^rec-fd resolves localhost to \S+/);
  match(
    (await director.all("resolve 127.0.0.1"))[0] ?? "",
    /^rec-fd resolves 127\.0\.0\.1 to 127\.0\.0\.1/,
  );
  deepStrictEqual(await director.all("resolve no.such.host.invalid"), [
    "rec-fd: Failed to resolve no.such.host.invalid\n",
  ]);
  match(await director.ask("setbandwidth=-1 Job=\n") ?? "", /^2991 Bad setbandwidth command: /);
  ok(await director.isOver());
});

test("what is no command ends the session, obsolete ones are refused", async ({ connect }) => {
  for (
    const [command, answer] of [
      ["nonsense", "2999 Invalid command\n"],
      ["", "2999 Invalid command\n"],
      ["STATUS", "2999 Invalid command\n"],
      ["RunBeforeJob /bin/true\n", "2905 Bad RunBeforeJob command.\n"],
      ["RunAfterJob /bin/true\n", "2905 Bad RunAfterJob command.\n"],
      ["accurate nonsense", "2991 Bad accurate command\n"],
      ["Run nonsense", "2905 Failed RunScript\n"],
      ["setauthorization", "2902 Bad setauthorization\n"],
    ] as const
  ) {
    const director = await connect();
    await director.ask(announce(0));
    strictEqual(await director.ask(command), answer, command);
    ok(await director.isOver(), command);
  }
});

test("a monitor may ask for the status and for nothing else", async ({ connect }) => {
  const watcher = await connect("watcher");
  match((await watcher.all("status")).join(""), /No Jobs running/);
  match((await watcher.all(".status header")).join(""), /Version/);
  deepStrictEqual(await watcher.all("setdebug=1 trace=0"), [
    "2997 Invalid command for a Director with Monitor directive enabled.\n",
  ]);
  ok(await watcher.isOver());
});

test("obsolete and foreign preparations are taken", async ({ connect, work }) => {
  const director = await connect();
  match(await director.ask(`${announce(0)} ssl=4\n`) ?? "", /^2000 OK Job .*[^\n]$/);
  strictEqual(await director.ask("pluginoptions python:a=b\n"), "2000 OK PluginOptions\n");
  await director.connection.send("bootstrap\n");
  await director.connection.send("Volume=x\n");
  await director.connection.sendSignal(Signal.EOD);
  strictEqual(await director.next(), "2000 OK bootstrap\n");
  strictEqual(await director.ask("session x 1 2 3 4 5 6\n"), "2000 OK session\n");
  await director.connection.send("restoreobject JobId=7 5,5,0,27,0,1,python\n");
  await director.connection.send("config");
  await director.connection.send("a=b=c");
  strictEqual(await director.ask("restoreobject end\n"), "2000 OK ObjectRestored\n");
  // Lines and letters of old directors and of new ones that nobody knows yet.
  const lines = [
    "I",
    "O MJspug5:?@Zq",
    "B base",
    "D reader",
    "T writer",
    "N",
    `F ${work}`,
    "N",
    "N",
  ];
  await director.connection.send("fileset");
  for (const line of lines) await director.connection.send(`${line}\n`);
  await director.connection.sendSignal(Signal.EOD);
  strictEqual(await director.next(), "2000 OK include\n");
  match(
    (await director.all("estimate listing=0"))[0] ?? "",
    /^2000 OK estimate files=\d+ bytes=0\n$/,
  );
  // A second file set ends the session without a word.
  await director.connection.send("fileset\n");
  ok(await director.isOver());
});

test("levels are read by their word, and an unknown one is a reason to end", async ({ connect }) => {
  const director = await connect();
  await director.ask(announce(0));
  strictEqual(await director.ask("level = full  mtime_only=0 "), "2000 OK level\n");
  strictEqual(await director.ask("level = full rerunning  mtime_only=0 \n"), "2000 OK level\n");
  strictEqual(await director.ask("level = base  mtime_only=0 \n"), "2000 OK level\n");
  strictEqual(
    await director.ask("level = nonsense  mtime_only=0 \n"),
    "Unknown backup level: nonsense\n",
  );
  ok(await director.isOver());
});

test("more jobs than Maximum Concurrent Jobs are rejected with the reason", async ({ connect }) => {
  const jobs = [await connect(), await connect(), await connect()];
  for (const [at, job] of jobs.entries()) {
    const answer = await job.ask(announce(at + 1)) ?? "";
    if (at < 2) match(answer, /^2000 OK Job /);
    else match(answer, /^2901 Bad Job: 2 jobs are running \(Maximum Concurrent Jobs = 2\)\n$/);
  }
  const director = await connect(); // who looks, or cancels, still can
  match((await director.all("status")).join(""), /running=2/);
});

test("clocks that differ are told of, and the since time moves with them", async ({ connect }) => {
  for (const [ahead, type] of [[-1000, 5], [10, 6], [0, undefined]] as const) {
    const director = await connect();
    match(await director.ask(announce(1)) ?? "", /^2000 OK Job /);
    await director.connection.send("level = incremental  mtime_only=0 \n"); // no answer
    await director.connection.send("level = since_utime 1700000000 mtime_only=0 prev_job=x\n");
    let rounds = 0;
    let text = await director.next();
    for (; text === "BTIME"; text = await director.next()) {
      rounds++;
      await director.connection.sendSignal(Signal.HEARTBEAT); // may come between
      await director.connection.send(`btime ${(Date.now() - ahead * 1000) * 1000}\n`);
    }
    strictEqual(rounds, 10);
    if (type !== undefined) {
      const [, said, seconds] =
        /^Jmsg Job=\S+ type=(\d+) level=\d+ rec-fd JobId 1: (?:Warning: )?DIR and FD clocks differ by (-?\d+) seconds, FD automatically compensating\.\n$/
          .exec(text ?? "") ?? [];
      strictEqual(Number(said), type, text);
      ok(Math.abs(Number(seconds) - ahead) <= 1, text);
      text = await director.next();
    }
    strictEqual(text, "EOD");
    strictEqual(await director.next(), "2000 OK level\n");
    await director.connection.sendSignal(Signal.TERMINATE);
    while (!await director.isOver());
  }
});

test("any signal ends a session, a running job in good order; an empty message is an unknown command", async ({ connect }) => {
  const signals = [Signal.EOD, Signal.EOD_POLL, Signal.STATUS, Signal.POLL, Signal.HEARTBEAT];
  for (const signal of [...signals, Signal.HB_RESPONSE, Signal.BREAK, -30, -31]) {
    const director = await connect();
    await director.connection.sendSignal(signal);
    strictEqual(await director.next(), "TERMINATE", String(signal));
    strictEqual(await director.next(), undefined);
  }
  const director = await connect();
  strictEqual(await director.ask(""), "2999 Invalid command\n");
  ok(await director.isOver());
});

test("a list makes a Full one with base jobs, whatever the director's age", async ({ connect, work }) => {
  const folder = join(work, "data");
  await Deno.mkdir(folder);
  for (const name of ["same", "other"]) await Deno.writeTextFile(join(folder, name), name);
  const { uid, gid, mode, nlink, size } = await Deno.stat(join(folder, "same"));
  const number = (value: number | null): string => {
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = "";
    for (let rest = value ?? 0; rest > 0 || text === ""; rest = Math.floor(rest / 64)) {
      text = (digits[rest % 64] ?? "") + text;
    }
    return text;
  };
  // What is compared is mode, owner and size (`spug5` without a digest in the file set), no times.
  const stat = (bytes: number): string =>
    ["A", "A", mode, nlink, uid, gid, "A", bytes, "A", "A", "B", "B", "B", "A", "A", "C"]
      .map((each) => typeof each === "string" ? each : number(each)).join(" ");
  const director = await connect();
  // As 13.2 says it: no ssl=, no word of accurate mode.
  match(await director.ask(`${announce(0)}\n`) ?? "", /^2000 OK Job /);
  strictEqual(await director.ask("level = full  mtime_only=0 \n"), "2000 OK level\n");
  await director.connection.send("fileset vss=1\n");
  for (const line of ["I", "O Jspug:", "N", `F ${folder}`, "N", "N"]) {
    await director.connection.send(`${line}\n`);
  }
  await director.connection.sendSignal(Signal.EOD);
  strictEqual(await director.next(), "2000 OK include\n");
  await director.connection.send("accurate files=2\n");
  await director.connection.send(`${folder}/same\0${stat(size)}\0\x000`);
  await director.connection.send(`${folder}/other\0${stat(999)}\0\x000`);
  await director.connection.sendSignal(Signal.EOD);
  const listed = (await director.all("estimate listing=1")).join("");
  match(listed, /\/data\/other\n/);
  match(listed, /\/data\n/);
  ok(!listed.includes("/data/same\n"), listed);
  match(listed, /2000 OK estimate files=2 bytes=5\n/);
});

test("a job whose numbers of files are used up ends with the reason", async ({ connect, work }) => {
  const director = await connect();
  match(await director.ask(announce(1)) ?? "", /^2000 OK Job /);
  strictEqual(await director.ask("level = full rerunning  mtime_only=0 \n"), "2000 OK level\n");
  await director.connection.send("fileset\n");
  for (const line of ["I", "N", `F ${work}`, "N", "N"]) await director.connection.send(`${line}\n`);
  await director.connection.sendSignal(Signal.EOD);
  strictEqual(await director.next(), "2000 OK include\n");
  match(
    await director.ask("backup FileIndex=4294967295\n") ?? "",
    /Fatal error: FileIndex overflow detected\. Please split the fileset to backup fewer files\.\n$/,
  );
  match(await director.next() ?? "", /^2800 End Job TermCode=102 JobFiles=0 .* Errors=1 /);
});
