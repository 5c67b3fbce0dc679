import { strictEqual as equal, throws } from "node:assert";
import { JobFailure } from "../jobs/job_failure.ts";
import { pluginLineFor } from "./plugin_lines.ts";

const long = "bpipe:file=/DB/dump.sql:reader=pg_dump app:writer=psql -h db:5432 app";

Deno.test("pluginLineFor() gives clients of Bacula the short form of bpipe, and nobody else", () => {
  const bacula = { maker: "bacula", version: 906 } as const;
  const bareos = { maker: "bareos", version: 2400 } as const;
  equal(pluginLineFor(bacula, long), "bpipe:/DB/dump.sql:pg_dump app:psql -h db:5432 app");
  equal(pluginLineFor(bareos, long), long);
  for (const line of ["bpipe:/x:cat a:cat", "python:file=/x:reader=y", "bpipe"]) {
    equal(pluginLineFor(bacula, line), line);
  }
  throws(() => pluginLineFor(bacula, "bpipe:file=/x:reader=a:b:writer=c"), JobFailure);
  throws(() => pluginLineFor(bacula, "bpipe:file=/x:raeder=a"), /raeder= is not known to it/);
});
