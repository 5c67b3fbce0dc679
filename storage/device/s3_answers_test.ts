/** Answers of stores, from good ones and from those that are no answers. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { anyLetter } from "../../tests/support/fast_check/any_letter.ts";
import { md5Of, readListing, readRefusal, S3AnswerError } from "./s3_answers.ts";

const names: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};

/** A text in XML; `style` says how what may be written in several ways is. */
function escaped(text: string, style: number): string {
  return [...text].map((letter, at) => {
    const code = letter.codePointAt(0) ?? 0;
    const mustBe = letter === "&" || letter === "<";
    switch ((style + at) % 4) {
      case 0:
        return `&#${code};`;
      case 1:
        return `&#x${code.toString(16)};`;
      default:
        return names[letter] !== undefined && (mustBe || style % 2 === 0)
          ? `&${names[letter]};`
          : letter;
    }
  }).join("");
}

const anyText = fc.string({
  unit: fc.oneof(anyLetter, fc.constantFrom(..."&<>\"'/;#x", "&amp;", "]]>", "<Key>", "&#38;")),
  maxLength: 40,
});

const anyObject = fc.record({
  key: anyText,
  size: fc.nat(Number.MAX_SAFE_INTEGER).map((size) => size % 1e15),
  md5: fc.option(fc.stringMatching(/^[0-9a-f]{32}$/), { nil: undefined }),
}, { noNullPrototype: true });

Deno.test("readListing() reads what a store has written, in whatever way it escapes", () => {
  fc.assert(
    fc.property(
      fc.array(anyObject, { maxLength: 8 }),
      anyText,
      fc.nat(),
      fc.constantFrom("", "\n  "),
      (objects, next, style, blank) => {
        const element = (name: string, text: string) => `${blank}<${name}>${text}</${name}>`;
        const contents = objects.map(({ key, size, md5 }, at) => {
          const tag = md5 === undefined ? '"1-2"' : `"${md5}"`;
          const parts = [
            element("Key", escaped(key, style + at)),
            element("Size", String(size)),
            element("ETag", escaped(tag, style + at + 1)),
            element("Owner", element("ID", "1")),
          ];
          return element("Contents", (at % 2 === 0 ? parts : parts.toReversed()).join(""));
        });
        const text = `<?xml version="1.0"?>\n<ListBucketResult xmlns="http://s3.example.org/">${
          [
            element("Name", "bucket"),
            ...next === "" ? [] : [element("NextContinuationToken", escaped(next, style))],
            ...contents,
          ].join("")
        }</ListBucketResult>`;
        deepStrictEqual(readListing(text), { objects, next });
      },
    ),
  );
});

Deno.test("readListing() of anything else gives sound objects or says what is wrong", () => {
  const pieces = fc.constantFrom(
    ...["<Contents>", "</Contents>", "<Key>", "</Key>", "<Size>", "</Size>", "<ETag>", "</ETag>"],
    ...["<NextContinuationToken>", "</NextContinuationToken>", "<Message>", "</Message>", "<"],
    ...["&#x110000;", "&#99999999999999999999;", "&#55296;", "&amp;", "&", "-1", "1e9", "12", "a"],
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, anyText), { maxLength: 40 }), (parts) => {
      const text = parts.join("");
      strictEqual(typeof (readRefusal(text) ?? ""), "string");
      try {
        for (const { size } of readListing(text).objects) ok(Number.isSafeInteger(size));
      } catch (error) {
        ok(error instanceof S3AnswerError, String(error));
      }
    }),
  );
});

Deno.test("readListing() says which size or character cannot be", () => {
  const listing = (key: string, size: string) =>
    readListing(`<Contents><Key>${key}</Key><Size>${size}</Size></Contents>`);
  deepStrictEqual(listing("a", "7").objects, [{ key: "a", size: 7, md5: undefined }]);
  throws(() => listing("a", "-1"), /"a" has -1 bytes/);
  throws(() => listing("a", "12345678901234567"), /"a" has 12345678901234567 bytes/);
  throws(() => listing("&#x110000;", "1"), /there is no character &#x110000;/);
});

Deno.test("readListing() looks at long nonsense once", () => {
  // Each of these would be searched from every mark to the end.
  for (const mark of ["<Contents>", "<Contents><Key>", "<NextContinuationToken>"]) {
    deepStrictEqual(readListing(mark.repeat(300_000)), { objects: [], next: "" });
  }
});

Deno.test("readRefusal() gives the reason, and md5Of() only what is an MD5", () => {
  const refusal = "<Error><Code>AccessDenied</Code><Message>no &lt;right&gt;</Message></Error>";
  strictEqual(readRefusal(refusal), "no <right>");
  strictEqual(readRefusal("<Error><Code>AccessDenied</Code></Error>"), "AccessDenied");
  strictEqual(readRefusal("<Message>&#x110000;</Message>"), undefined);
  const digest = "0123456789abcdef".repeat(2);
  for (const tag of [digest, `"${digest}"`, `W/"${digest}"`]) strictEqual(md5Of(tag), digest);
  for (const tag of [null, "", `"${digest}-2"`, digest.slice(1)]) {
    strictEqual(md5Of(tag), undefined);
  }
});
