import { Stream, streamName } from "../../../storage/volume/mod.ts";

/** What ignored streams are counted as, in the order of the summary (director-client.md 25.4). */
type Kind = "data" | "acl" | "xattr" | "fork" | "finder" | "unknown";

const summaries: readonly (readonly [Kind, (count: number) => string])[] = [
  [
    "data",
    (count) => `${count} non-supported data streams and 0 non-supported attrib streams ignored.\n`,
  ],
  ["fork", (count) => `${count} non-supported resource fork streams ignored.\n`],
  ["finder", (count) => `${count} non-supported Finder Info streams ignored.\n`],
  ["acl", (count) => `${count} non-supported acl streams ignored.\n`],
  ["xattr", (count) => `${count} non-supported xattr streams ignored.\n`],
];

/** Streams that this system cannot restore: each kind is named once, and all are counted. */
export class SkippedStreams {
  readonly #warn: (text: string) => void;
  readonly #named = new Set<number>();
  readonly #counts = new Map<Kind, number>();

  /** `warn` takes the first message of each kind. */
  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  /** Counts a record of a file. */
  skip(stream: number, file: string): void {
    const kind = kindOf(stream);
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    if (kind === "acl") {
      return this.#warn(
        `Can't restore ACLs of ${file} - incompatible acl stream encountered - ${stream}\n`,
      );
    }
    if (this.#named.has(stream)) return;
    this.#named.add(stream);
    this.#warn(
      kind === "unknown"
        ? `Unknown stream=${stream} ignored. This shouldn't happen!\n`
        : `${streamName(stream)} stream not supported on this Client.\n`,
    );
  }

  /** Says how many there were. */
  summarize(say: (text: string) => void): void {
    for (const [kind, text] of summaries) {
      const count = this.#counts.get(kind) ?? 0;
      if (count > 0) say(text(count));
    }
  }
}

function kindOf(stream: number): Kind {
  if (stream === Stream.macosForkData || stream === Stream.encryptedMacosForkData) return "fork";
  if (stream === Stream.hfsplusAttributes) return "finder";
  if (stream >= Stream.aclAixText && stream <= Stream.aclPlugin) return "acl";
  if (stream >= Stream.xattrPlugin && stream <= Stream.xattrNetbsd) return "xattr";
  if (stream === Stream.programNames || stream === Stream.programData) return "data";
  return "unknown";
}
