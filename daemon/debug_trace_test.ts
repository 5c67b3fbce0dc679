import { match, ok, strictEqual } from "node:assert";
import { DebugTrace, TraceLevel } from "./debug_trace.ts";

function withTrace(run: (trace: DebugTrace, problems: string[]) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "roost-trace-" });
  try {
    const problems: string[] = [];
    run(
      new DebugTrace({ workingDirectory: folder, name: "x-fd" }, (text) => problems.push(text)),
      problems,
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("DebugTrace writes what the level asks for, a line each, without keys", () =>
  withTrace((trace) => {
    let asked = 0;
    const tell = (level: number, text: string) => trace.tell(level, () => (asked++, text));
    tell(TraceLevel.events, "nobody asks");
    strictEqual(asked, 0);
    trace.change({ level: TraceLevel.events, trace: true });
    tell(TraceLevel.commands, "too much");
    tell(TraceLevel.events, "first\nsecond\0\x01");
    tell(TraceLevel.events, "JobId=1 Authorization=ABCD-EFGH ssl=4 EncryptionKey=abc+/= Slot=1");
    trace.change({ timestamp: true });
    tell(TraceLevel.events, "long ".repeat(1_000));
    const [one, two, three, rest] = Deno.readTextFileSync(trace.path).split("\n");
    strictEqual(one, "x-fd (10): first\\nsecond\\x00\\x01");
    strictEqual(two, "x-fd (10): JobId=1 Authorization=*** ssl=4 EncryptionKey=*** Slot=1");
    match(three ?? "", /^\d{4}-\d\d-\d\dT\S+Z x-fd \(10\): long long .*\.\.\.$/);
    ok((three ?? "").length < 2_100);
    strictEqual(rest, "");
    strictEqual((Deno.statSync(trace.path).mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("a trace file that cannot be written, or is full, is told of once and harms nobody", () =>
  withTrace((trace, problems) => {
    Deno.mkdirSync(trace.path);
    trace.change({ level: 1, trace: true });
    for (let at = 0; at < 3; at++) trace.tell(1, () => "text");
    strictEqual(problems.length, 1);
    match(problems[0] ?? "", /^Cannot write the trace file .*x-fd\.trace: /);
    Deno.removeSync(trace.path);
    Deno.writeTextFileSync(trace.path, "");
    Deno.truncateSync(trace.path, 100 << 20);
    trace.change({ trace: true });
    trace.tell(1, () => "text");
    match(problems[1] ?? "", /it has 104857600 bytes: remove it to go on$/);
    strictEqual(Deno.statSync(trace.path).size, 100 << 20);
  }));
