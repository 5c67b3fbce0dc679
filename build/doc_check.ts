/** Checks that every exported thing of every room's face (`mod.ts`) has a doc comment. @module */
const faces = [...findFaces(".")];
const { success } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...faces],
  stdout: "null",
  stderr: "inherit",
}).output();
Deno.exit(success ? 0 : 1);

function* findFaces(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    if (
      entry.name.startsWith(".") || entry.name === "node_modules" ||
      entry.name === "dist"
    ) {
      continue;
    }
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* findFaces(path);
    else if (entry.name === "mod.ts") yield path;
  }
}
