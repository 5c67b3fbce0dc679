import assert from "node:assert/strict";
import fc from "fast-check";
import type { TreeEntry, TreeFile, TreePlace, TreeSource } from "./catalog_tree.ts";
import { FileTree, wildcard } from "./file_tree.ts";

/** Files of a list of paths; folders end in a slash. */
class Listed implements TreeSource {
  constructor(readonly paths: readonly string[]) {}

  *files(prefix = ""): Generator<TreeFile> {
    for (const [at, path] of this.paths.entries()) {
      if (prefix.endsWith("/") || prefix === "" ? path.startsWith(prefix) : path === prefix) {
        yield { jobId: 1, fileIndex: at + 1, path, lstat: "", deltaSeq: 0 };
      }
    }
  }

  file(path: string): TreeFile | undefined {
    return [...this.files(path)].find((file) => file.path === path);
  }

  count(prefix = ""): Promise<number> {
    return Promise.resolve([...this.files(prefix)].length);
  }

  async *named(isName: (name: string) => boolean): AsyncGenerator<TreePlace> {
    const folders = [""];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const entry of this.entries(folder)) {
        const path = folder + entry.name;
        if (entry.isFolder) folders.push(path);
        if (isName(entry.name.replace("/", ""))) yield { path, entry };
      }
    }
  }

  entries(folder: string): TreeEntry[] {
    const names = new Set<string>();
    for (const path of this.paths) {
      if (!path.startsWith(folder) || path === folder) continue;
      const rest = path.slice(folder.length);
      const slash = rest.indexOf("/");
      names.add(slash < 0 ? rest : rest.slice(0, slash + 1));
    }
    return [...names].sort().map((name) => {
      const [file] = [...this.files(folder + name)].filter(({ path }) => path === folder + name);
      return { name, isFolder: name.endsWith("/"), file };
    });
  }
}

const paths = ["/a/", "/a/x.txt", "/a/y.txt", "/a/b/", "/a/b/x.txt", "/c/z", "/top"];
const tree = (): FileTree => new FileTree(new Listed(paths));
const marked = (of: FileTree): string[] => [...of.marked()].map(({ path }) => path);

Deno.test("mark() takes a folder with all below, and counts what is new", async () => {
  const of = tree();
  assert.equal(await of.mark("/a/b/", true), 2);
  assert.equal(await of.mark("/a/", true), 3);
  assert.equal(await of.mark("/a/x.txt", false), 1);
  assert.deepEqual(marked(of), ["/a/", "/a/y.txt", "/a/b/", "/a/b/x.txt"]);
  assert.ok(of.hasMarked("/a/") && !of.hasMarked("/c/"));
});

Deno.test("markFolder() takes a folder without what is in it", () => {
  const of = tree();
  assert.ok(of.markFolder("/a/b/", true));
  assert.deepEqual(marked(of), ["/a/b/"]);
  assert.ok(!of.markFolder("/a/b/", true), "nothing new the second time");
});

Deno.test("find() follows paths with wild cards, ** and from the present folder", () => {
  const of = tree();
  assert.deepEqual(of.find("/a/*.txt"), ["/a/x.txt", "/a/y.txt"]);
  assert.deepEqual(of.find("**/x.txt").sort(), ["/a/b/x.txt", "/a/x.txt"]);
  assert.ok(of.enter("a"));
  assert.equal(String(of.folder), "/a/");
  assert.deepEqual(of.find("b/x.t?t"), ["/a/b/x.txt"]);
  assert.ok(of.enter(".."));
  assert.equal(String(of.folder), "/");
  assert.ok(!of.enter("nowhere"));
});

Deno.test("what was marked last holds, for every order of marks", async () => {
  const targets = ["/a/", "/a/x.txt", "/a/b/", "/a/b/x.txt", "/c/"];
  const step = fc.tuple(fc.constantFrom(...targets), fc.boolean());
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const of = tree();
      const wanted = new Set<string>();
      for (const [target, isMarked] of steps) {
        const expected = paths.filter((path) =>
          (path === target || target.endsWith("/") && path.startsWith(target)) &&
          wanted.has(path) !== isMarked
        );
        assert.equal(await of.mark(target, isMarked), expected.length);
        for (const path of paths) {
          if (path !== target && !(target.endsWith("/") && path.startsWith(target))) continue;
          if (isMarked) wanted.add(path);
          else wanted.delete(path);
        }
      }
      assert.deepEqual(marked(of), paths.filter((path) => wanted.has(path)));
    }),
  );
});

Deno.test("wildcard() means names: no slash, sets, escaped letters", () => {
  assert.ok(wildcard("a*[0-9].t?t").test("abc7.txt"));
  assert.ok(!wildcard("a*").test("a/b"));
  assert.ok(wildcard("a\\*").test("a*") && !wildcard("a\\*").test("ab"));
  assert.ok(wildcard("[!a]x").test("bx") && !wildcard("[!a]x").test("ax"));
});
