/**
 * Follows a recorded conversation and places each of its frames: which message of which table it is,
 * given who speaks and what was said before. The conformance test demands that every frame has a
 * place and that its message writes the same bytes again.
 *
 * @module
 */
import { decodeText, encodeText } from "../../bytes/mod.ts";
import {
  accurateEntry,
  type AnyMessage,
  authentication,
  catalogAnswer,
  catalogRequest,
  consoleToDirector,
  dataHeader,
  directorToConsole,
  directorToFile,
  directorToStorage,
  type FieldValue,
  filesetLine,
  fileToDirector,
  fileToStorage,
  formatAttributeUpdate,
  hellos,
  jobMessage,
  messages,
  parseAttributeUpdate,
  readerToWriter,
  recognize,
  Signal,
  storageToDirector,
  storageToFile,
  writerToReader,
} from "../../protocol/mod.ts";
import type { RecordedConnection, RecordedFrame, Side } from "./recording.ts";

/** Where a frame belongs. */
export interface Placement {
  /** Table and entry, such as `directorToFile.jobId`. */
  readonly name: string;
  /** The bytes that formatting gives again. */
  readonly bytes: Uint8Array;
  /** The message, if it is one of a table, and its fields. */
  readonly message?: AnyMessage;
  readonly fields?: Readonly<Record<string, FieldValue>>;
}

type Table = Readonly<Record<string, AnyMessage>>;

interface Pair {
  /** What each side says. */
  readonly tables: Readonly<Record<Side, Readonly<Record<string, Table>>>>;
}

const bootstrapLine = messages({ line: "{keyword:q}={value:text}" });

const job: Table = { jobMessage };

const PAIRS: Readonly<Record<string, Pair>> = {
  console: { tables: { ">": { consoleToDirector }, "<": { directorToConsole } } },
  director_file: {
    tables: { ">": { directorToFile }, "<": { fileToDirector, job } },
  },
  director_storage: {
    tables: {
      ">": { directorToStorage, catalogAnswer },
      "<": { storageToDirector, catalogRequest, job },
    },
  },
  fileToStorage: { tables: { ">": { fileToStorage }, "<": { storageToFile } } },
  storageToFile: { tables: { ">": { storageToFile }, "<": { fileToStorage } } },
  storageToStorage: { tables: { ">": { readerToWriter }, "<": { writerToReader } } },
};

/** A list that one side sends until EOD. */
type List =
  | { readonly kind: "lines"; readonly name: string; readonly table: Table }
  | { readonly kind: "text"; readonly name: string }
  | { readonly kind: "streams"; atHeader: boolean }
  | { readonly kind: "records"; expected: number | undefined };

/** What each message begins: a list of which side. */
const LISTS: Readonly<Record<string, { side: Side | "peer" | "same"; list: () => List }>> = {
  "directorToFile.fileset": {
    side: ">",
    list: () => ({ kind: "lines", name: "filesetLine", table: filesetLine }),
  },
  "directorToFile.accurate": {
    side: ">",
    list: () => ({ kind: "lines", name: "accurateEntry", table: accurateEntry }),
  },
  "directorToStorage.bootstrap": {
    side: ">",
    list: () => ({ kind: "lines", name: "bootstrapLine", table: bootstrapLine }),
  },
  "directorToFile.status": { side: "<", list: () => ({ kind: "text", name: "status" }) },
  "directorToFile.estimate": { side: "<", list: () => ({ kind: "text", name: "estimate" }) },
  "directorToStorage.status": { side: "<", list: () => ({ kind: "text", name: "status" }) },
  "fileToStorage.appendData": {
    side: "same",
    list: () => ({ kind: "streams", atHeader: true }),
  },
  "readerToWriter.data": { side: "same", list: () => ({ kind: "streams", atHeader: true }) },
  "fileToStorage.readData": {
    side: "peer",
    list: () => ({ kind: "records", expected: undefined }),
  },
};

/** The state of one conversation. */
export class Conversation {
  readonly #isConsole: boolean;
  #pair: Pair | undefined;
  #isDirector = false;
  #authentication = 0;
  #lists: Partial<Record<Side, List>> = {};
  #isConsoleOpen = false;
  #jobId: unknown;

  /** Follows `connection` from its first frame. */
  constructor(connection: RecordedConnection) {
    this.#isConsole = connection.link === "console-dir";
  }

  /** The place of the next frame; `undefined` if it has none. */
  place(frame: RecordedFrame): Placement | undefined {
    if (frame.kind === "signal") return this.#placeSignal(frame.side, frame.signal);
    if (frame.payload === undefined) return this.#placeElided(frame.side, frame.length);
    if (this.#pair === undefined) return this.#placeHello(frame.payload);
    if (this.#authentication < 6) return this.#placeAuthentication(frame.side, frame.payload);
    if (this.#isConsole) return this.#placeConsole(frame.side, frame.payload);
    const list = this.#lists[frame.side];
    return (list && this.#placeInList(list, frame.side, frame.payload)) ??
      this.#placeMessage(frame.side, frame.payload);
  }

  #placeHello(payload: Uint8Array): Placement | undefined {
    const found = recognize(hellos, payload);
    if (found === undefined) return undefined;
    this.#isDirector = found.name === "director";
    this.#pair = PAIRS[found.name] ?? PAIRS.director_file;
    return {
      name: `hellos.${found.name}`,
      bytes: encodeText(hellos[found.name].format(asAny(found.fields))),
    };
  }

  #placeAuthentication(side: Side, payload: Uint8Array): Placement | undefined {
    const found = recognize(authentication, payload);
    if (found === undefined) return undefined;
    const order: readonly [Side, string][] = [
      ["<", "challenge"],
      [">", "response"],
      ["<", "accepted"],
      [">", "challenge"],
      ["<", "response"],
      [">", "accepted"],
    ];
    const [wantedSide, wanted] = order[this.#authentication] ?? [];
    if (found.name !== wanted || side !== wantedSide) return undefined;
    // A challenge of the accepting side tells what it is.
    if (this.#authentication === 0 && this.#isDirector) {
      const isStorage = decodeText(payload).includes("R_STORAGE::");
      this.#pair = isStorage ? PAIRS.director_storage : PAIRS.director_file;
    }
    this.#authentication += 1;
    return {
      name: `authentication.${found.name}`,
      bytes: encodeText(authentication[found.name].format(asAny(found.fields))),
    };
  }

  #placeConsole(side: Side, payload: Uint8Array): Placement | undefined {
    if (!this.#isConsoleOpen) {
      const placed = this.#placeMessage(side, payload);
      if (placed?.name === "directorToConsole.information") this.#isConsoleOpen = true;
      return placed;
    }
    return { name: side === ">" ? "console command" : "console output", bytes: payload };
  }

  #placeInList(list: List, side: Side, payload: Uint8Array): Placement | undefined {
    switch (list.kind) {
      case "lines": {
        const found = recognize(list.table, payload);
        const message = found && list.table[found.name];
        if (found === undefined || message === undefined) return undefined;
        const { fields } = found;
        return { name: list.name, bytes: encodeText(message.format(fields)), message, fields };
      }
      case "text": {
        return this.#placeFromTables(side, payload) ?? { name: list.name, bytes: payload };
      }
      case "streams": {
        if (!list.atHeader) return { name: "data", bytes: payload };
        list.atHeader = false;
        return fromMessage("dataHeader.stream", dataHeader.stream, payload);
      }
      case "records": {
        if (list.expected === undefined) {
          const header = dataHeader.record.parse(payload);
          if (header === undefined) return undefined;
          list.expected = header.length;
          return fromMessage("dataHeader.record", dataHeader.record, payload);
        }
        if (payload.length !== list.expected) return undefined;
        list.expected = undefined;
        return { name: "record data", bytes: payload };
      }
    }
  }

  #placeMessage(side: Side, payload: Uint8Array): Placement | undefined {
    const update = side === "<" ? parseAttributeUpdate(payload) : undefined;
    if (update !== undefined) {
      return { name: "attributeUpdate", bytes: formatAttributeUpdate(update) };
    }
    const placed = this.#placeFromTables(side, payload);
    if (placed !== undefined) return placed;
    // Without a job, messages to the director are bare text (director-client.md 17).
    if (side === "<" && this.#jobId === 0) return { name: "bare job message", bytes: payload };
    return undefined;
  }

  #placeFromTables(side: Side, payload: Uint8Array): Placement | undefined {
    for (const [tableName, table] of Object.entries(this.#pair?.tables[side] ?? {})) {
      const found = recognize(table, payload);
      if (found === undefined) continue;
      const name = `${tableName}.${found.name}`;
      this.#begin(name, side);
      if (found.name === "jobId") this.#jobId = found.fields.jobId;
      const message = table[found.name];
      if (message === undefined) continue;
      const { fields } = found;
      return { name, bytes: encodeText(message.format(fields)), message, fields };
    }
    return undefined;
  }

  #begin(name: string, side: Side): void {
    const begun = LISTS[name];
    if (begun === undefined) return;
    const peer: Side = side === ">" ? "<" : ">";
    const who = begun.side === "same" ? side : begun.side === "peer" ? peer : begun.side;
    this.#lists[who] = begun.list();
  }

  #placeElided(side: Side, length: number): Placement | undefined {
    const list = this.#lists[side];
    const isData = (list?.kind === "streams" && !list.atHeader) ||
      (list?.kind === "records" && list.expected === length) ||
      (this.#isConsoleOpen && side === "<");
    if (!isData) return undefined;
    if (list?.kind === "records") list.expected = undefined;
    return { name: "elided data", bytes: new Uint8Array(0) };
  }

  #placeSignal(side: Side, signal: number): Placement | undefined {
    const name = `signal ${signal}`;
    const placement = { name, bytes: new Uint8Array(0) };
    if (signal === Signal.HEARTBEAT || signal === Signal.TERMINATE) return placement;
    if (this.#isConsole) {
      return Object.values<number>(Signal).includes(signal) && side === "<" ? placement : undefined;
    }
    if (signal === Signal.BTIME) return side === "<" ? placement : undefined;
    if (signal !== Signal.EOD) return undefined;
    const list = this.#lists[side];
    if (list?.kind === "streams" && !list.atHeader) {
      list.atHeader = true;
      return { ...placement, name: "end of stream" };
    }
    delete this.#lists[side];
    return list === undefined ? placement : { ...placement, name: `end of ${list.kind}` };
  }
}

function fromMessage(
  name: string,
  message: AnyMessage,
  payload: Uint8Array,
): Placement | undefined {
  const fields = message.parse(payload);
  if (fields === undefined) return undefined;
  return { name, bytes: encodeText(message.format(fields)), message, fields };
}

// deno-lint-ignore no-explicit-any -- the fields of whichever message was recognised
function asAny(fields: unknown): any {
  return fields;
}
