/** Tokens and files of a configuration (configuration.md 3.1, 3.2). */
import { deepEqual, throws } from "node:assert/strict";
import { type ScanMode, Scanner } from "./scanner.ts";

/** Kinds and texts of all tokens up to the end. */
function tokens(text: string, mode: ScanMode = "normal"): string[] {
  const scanner = new Scanner(text, "test.conf");
  const found: string[] = [];
  for (;;) {
    const { kind, text } = scanner.next(mode);
    if (kind === "end of file") return found;
    found.push(kind === "end of line" ? "." : kind === text ? kind : `${kind}:${text}`);
  }
}

Deno.test("Scanner: the kinds of tokens of section 3.2", () => {
  const cases: readonly (readonly [string, ...string[]])[] = [
    ["M a x i m u m Volumes = 5", "identifier:MaximumVolumes", "=", "number:5"],
    ["Name = Full Set", "identifier:Name", "=", "identifier:FullSet"],
    ['Name = "Full Set"', "identifier:Name", "=", "quoted:Full Set"],
    ["Name = Full-Set A", "identifier:Name", "=", "string:Full-Set", "identifier:A"],
    ["Full Set-A b", "string:FullSet-A", "identifier:b"],
    ["12 34k a1 b", "number:12", "string:34k", "string:a1", "identifier:b"],
    ["{a=b,c;d}#e", "{", "identifier:a", "=", "identifier:b", ",", "identifier:c", "."]
      .concat("identifier:d", "}") as [string, ...string[]],
    ["abc#x\ny", "identifier:abc", ".", "identifier:y"],
    ['abc"d"', "identifier:abc", "quoted:d"],
    ['a-b"d"', "string:a-b", "quoted:d"],
    ["a\\b", "string:a\\b"],
    ["it's", "string:it's"],
    ["\u00e9t\u00e9 x", "string:\u00e9t\u00e9", "identifier:x"],
    ["one\r\ntwo\rthree\n", "identifier:one", ".", "identifier:two", ".", "identifier:three", "."],
    ["\ufeffa", "identifier:a"],
  ];
  for (const [text, ...expected] of cases) deepEqual(tokens(text), expected, text);
  deepEqual(tokens("a b 5 mon", "words"), ["string:a", "string:b", "number:5", "string:mon"]);
});

Deno.test("Scanner: quoted strings lose one level of backslashes, and are joined", () => {
  const one = (text: string) => tokens(text);
  deepEqual(one('"a\\"b\\\\c\\n\\t"'), ['quoted:a"b\\cnt']);
  deepEqual(one('"a\nb\\\nc"'), ["quoted:a\nb\nc"]);
  deepEqual(one('"a"\n  "b"\n"c" "d"'), ["quoted:abcd"]);
  deepEqual(one('"a"\n\n"b"'), ["quoted:a", ".", ".", "quoted:b"]);
  deepEqual(one('"a" # no\n"b"'), ["quoted:a", ".", "quoted:b"]);
  deepEqual(one('"a", "b"'), ["quoted:a", ",", "quoted:b"]);
  throws(() => one('"a'), /a open double quote without the closing double quote/);
});

Deno.test("Scanner: positions count lines and columns of the file that a token is from", () => {
  const scanner = new Scanner("a\r\n\n  b = 5\n", "x.conf");
  const places: string[] = [];
  for (let token = scanner.next(); token.kind !== "end of file"; token = scanner.next()) {
    if (token.kind === "end of line") continue;
    const { line, column, text } = token.position;
    places.push(`${token.text} ${line}:${column} ${text}`);
  }
  deepEqual(places, ["a 1:1 a", "b 3:3   b = 5", "= 3:5   b = 5", "5 3:7   b = 5"]);
});

Deno.test("Scanner: files, wild cards in reverse order, and commands are included", async (t) => {
  const folder = Deno.makeTempDirSync();
  try {
    const write = (name: string, text: string) => Deno.writeTextFileSync(`${folder}/${name}`, text);
    write("a.conf", "one");
    write("b.conf", "two # no line end");
    write("b c.conf", '"three"');
    write("a.conf.example", "no");
    await t.step("a path ends at a blank or a sign", () => {
      deepEqual(tokens(`x = @${folder}/a.conf; y`), [
        ...["identifier:x", "=", "identifier:one", ".", ".", "identifier:y"],
      ]);
      deepEqual(tokens(`@"${folder}/b c.conf" y`), ["quoted:three", ".", "identifier:y"]);
    });
    await t.step("wild cards match in reverse order, or nothing", () => {
      deepEqual(tokens(`@${folder}/[ab].conf`), ["identifier:two", ".", "identifier:one", "."]);
      deepEqual(tokens(`@${folder}/?.conf`), ["identifier:two", ".", "identifier:one", "."]);
      deepEqual(tokens(`@${folder}/*.none x`), ["identifier:x"]);
      throws(() => tokens(`@${folder}/[x].none`), /Cannot open included config file .*\[x\]/);
    });
    await t.step("commands run without a shell", () => {
      deepEqual(
        tokens('@|"echo $HOME is here"'),
        ["string:$HOME", "identifier:ishere", "."]
          .concat("."),
      );
      deepEqual(tokens(`@|"sh -c 'echo a-\\$((1+1))'"`), ["string:a-2", ".", "."]);
      throws(() => tokens("@|/does/not/exist"), /Cannot open included config file \|\/does/);
      throws(() => tokens("@|false"), /ended with status 1/);
    });
    await t.step("an endless chain of includes ends with an error", () => {
      write("self.conf", `@${folder}/self.conf`);
      throws(() => tokens(`@${folder}/self.conf`), /nested more than 32/);
    });
    await t.step("UTF-16 is refused, a byte order mark is skipped, other bytes are kept", () => {
      Deno.writeFileSync(`${folder}/u16.conf`, new Uint8Array([0xff, 0xfe, 0x41, 0]));
      throws(
        () => tokens(`@${folder}/u16.conf`),
        /cannot handle UTF-16 .* to UTF-8: .*\/u16\.conf/,
      );
      Deno.writeFileSync(`${folder}/mark.conf`, new Uint8Array([0xef, 0xbb, 0xbf, 0x41]));
      deepEqual(tokens(`@${folder}/mark.conf`), ["identifier:A", "."]);
      Deno.writeFileSync(`${folder}/bytes.conf`, new Uint8Array([0x22, 0xe9, 0x22]));
      deepEqual(tokens(`@${folder}/bytes.conf`), ["quoted:\udce9", "."]);
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
