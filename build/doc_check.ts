/**
 * Checks the documentation of every module of the floors with `deno doc --lint`: each exported
 * declaration has a doc comment and an explicit type, and names only types that are exported too.
 * A member whose name and type say it all may go without a comment.
 * @module
 */
const floors = ["bytes", "compress", "crypto", "protocol", "storage", "daemon", "cli"];
const modules = ["mod.ts", ...floors.flatMap((floor) => [...findModules(floor)])];
const { success, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...modules],
  env: { NO_COLOR: "1" },
  stdout: "null",
  stderr: "piped",
}).output();
const output = new TextDecoder().decode(stderr);
const findings = output.split(/^(?=error\[)/m).filter((text) => text.startsWith("error["));
const counted = findings.filter((finding) => !isNoise(finding));
for (const finding of counted) console.error(finding.trimEnd() + "\n");
if (!success && findings.length === 0) console.error(output);
console.error(`${modules.length} modules, ${counted.length} undocumented`);
Deno.exit(success || (findings.length > 0 && counted.length === 0) ? 0 : 1);

/**
 * Whether a finding is about a missing comment on an indented line, which is a member, or about the
 * result of a function that is the value of a constant, whose type says it.
 */
function isNoise(finding: string): boolean {
  return finding.startsWith("error[missing-jsdoc]")
    ? /^ *\d+ \| {2,}\S/m.test(finding)
    : finding.startsWith("error[missing-return-type]") &&
      /^ *\d+ \| export const \w+: /m.test(finding);
}

function* findModules(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    // A kernel is written in another dialect and has no exports of ours.
    if (entry.isDirectory && entry.name !== "kernel") yield* findModules(path);
    else if (entry.name.endsWith(".ts") && !entry.name.endsWith("_test.ts")) yield path;
  }
}
