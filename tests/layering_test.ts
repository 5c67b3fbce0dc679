/**
 * The floors of the house: a module imports from its own floor and from those
 * below, never from above, and no chain of imports closes a circle.
 */
import { dirname, fromFileUrl, join, relative } from "./support/paths.ts";

const root = fromFileUrl(new URL("..", import.meta.url));

/** Lowest first. Rooms on one line share a floor. */
const floors: readonly (readonly string[])[] = [
  ["bytes"],
  ["compress", "crypto"],
  ["protocol", "storage"],
  ["daemon"],
  ["cli"],
];

/** Rooms outside the house: they may import anything and nothing imports them. */
const outside: ReadonlySet<string> = new Set([
  "tests",
  "build",
  "docs",
  "mod.ts",
]);

/** Inside a floor, the rooms that may look at one another, and in which direction. */
const within: ReadonlyMap<string, readonly string[]> = new Map([
  ["storage", []],
  ["protocol", []],
  ["daemon/director", ["daemon/config"]],
  ["daemon/storage", ["daemon/config"]],
  ["daemon/file", ["daemon/config"]],
]);

const importPattern =
  /(?:^|[\s;}])(?:import|export)\s*(?:type\s+)?(?:[\w*{][^;'"]*?\sfrom\s*)?["'](\.[^"']+)["']|import\(\s*["'](\.[^"']+)["']\s*\)/g;

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isDynamic: boolean;
  readonly isTypeOnly: boolean;
}

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    if (
      entry.name.startsWith(".") || entry.name === "node_modules" ||
      entry.name === "dist"
    ) {
      continue;
    }
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* sourceFiles(path);
    else if (entry.name.endsWith(".ts")) yield path;
  }
}

function importsOf(path: string): Import[] {
  const text = Deno.readTextFileSync(path).replace(/\/\*[\s\S]*?\*\//g, "");
  const found: Import[] = [];
  for (const match of text.matchAll(importPattern)) {
    const target = match[1] ?? match[2];
    if (target === undefined) continue;
    found.push({
      from: relative(root, path),
      to: relative(root, join(dirname(path), target)),
      isDynamic: match[2] !== undefined,
      isTypeOnly: /^[\s;}]*(?:import|export)\s+type\s/.test(match[0]),
    });
  }
  return found;
}

function roomOf(path: string): string {
  return path.split("/")[0] as string;
}

function floorOf(path: string): number {
  return floors.findIndex((rooms) => rooms.includes(roomOf(path)));
}

const isTest = (path: string) => path.endsWith("_test.ts") || path.endsWith("_bench.ts");
const everyImport = [...sourceFiles(root)].flatMap(importsOf);

Deno.test("every source file stands on a floor of the house", () => {
  const strays = new Set(
    everyImport.map((edge) => edge.from)
      .filter((path) => floorOf(path) < 0 && !outside.has(roomOf(path))),
  );
  if (strays.size > 0) {
    throw new Error(`Belongs to no room: ${[...strays].join(", ")}`);
  }
});

Deno.test("no import runs upwards or out of the house", () => {
  const wrong = everyImport.filter(({ from, to }) => {
    const fromFloor = floorOf(from);
    if (fromFloor < 0 || isTest(from)) return false;
    return floorOf(to) > fromFloor || outside.has(roomOf(to));
  });
  if (wrong.length > 0) {
    throw new Error(
      wrong.map(({ from, to }) => `${from} imports ${to}`).join("\n"),
    );
  }
});

Deno.test("rooms of one floor look at one another only where allowed", () => {
  const wrong = everyImport.filter(({ from, to }) => {
    if (isTest(from)) return false;
    for (const [room, allowed] of within) {
      if (!from.startsWith(`${room}/`) || to.startsWith(`${room}/`)) continue;
      const isNeighbour = floorOf(to) === floorOf(from) &&
        [...within.keys()].some((other) => to.startsWith(`${other}/`));
      if (isNeighbour && !allowed.some((other) => to.startsWith(`${other}/`))) {
        return true;
      }
    }
    return false;
  });
  if (wrong.length > 0) {
    throw new Error(
      wrong.map(({ from, to }) => `${from} imports ${to}`).join("\n"),
    );
  }
});

Deno.test("no chain of imports closes a circle", () => {
  const graph = new Map<string, string[]>();
  for (const { from, to, isDynamic } of everyImport) {
    if (isTest(from) || isDynamic) continue;
    graph.set(from, [...(graph.get(from) ?? []), to]);
  }
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (module: string): void => {
    if (done.has(module)) return;
    const at = path.indexOf(module);
    if (at >= 0) {
      throw new Error(`Circle: ${[...path.slice(at), module].join(" -> ")}`);
    }
    path.push(module);
    for (const next of graph.get(module) ?? []) visit(next);
    path.pop();
    done.add(module);
  };
  for (const module of graph.keys()) visit(module);
});
