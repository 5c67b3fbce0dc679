import { strictEqual } from "node:assert";
import { DirectorScene, jobText, poolText } from "../../../tests/support/director_scene.ts";
import { expandPercentCodes } from "../percent_codes.ts";
import { jobCodes } from "./job_facts.ts";

Deno.test("jobCodes() knows every code of the director, and unknown ones stay", () => {
  using scene = new DirectorScene(poolText("") + jobText("Level = Full; SpoolData = yes"));
  const job = scene.job("Backup", { cloned: true });
  const director = scene.configuration.first("Director");
  const expand = (text: string): string => expandPercentCodes(text, jobCodes(job, director));
  strictEqual(
    expand("%%b %c %d %D %f %h %n %p %w %t %l %C %x"),
    "%b fd dir dir Set 127.0.0.1 " +
      "Backup Full Disk Backup Full yes yes",
  );
  strictEqual(expand("%i %j %P"), `${job.jobId} ${job.uniqueName} ${Deno.pid}`);
  strictEqual(expand("%s %v %V %N %O"), "*None* *None* *None* *None* *None*");
  strictEqual(expand("%y%Z%1 %"), "%y%Z%1 %");
  job.counters.fdBytes = 1_234_567;
  job.counters.fdFiles = 42;
  strictEqual(expand("%b %B %F"), "1234567 1.234 MB 42");
  job.counters.fdBytes = 999;
  strictEqual(expand("%B"), "999 B");
  job.setStatus("R");
  job.setStatus("T");
  strictEqual(expand("%e"), "OK");
  job.setStatus("E");
  strictEqual(expand("%e"), "Error");
});
