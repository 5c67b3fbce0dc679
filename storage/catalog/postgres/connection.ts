import {
  ByteError,
  type ByteReader,
  type ByteWriter,
  decodeText,
  encodeText,
  messageOf,
} from "../../../bytes/mod.ts";
import type { CatalogError } from "../store.ts";
import type { SqlRow, SqlValue } from "../rows.ts";
import { md5Answer, ScramClient } from "./authentication.ts";
import { BlockingSocket, SocketError, type SocketTarget } from "./blocking_socket.ts";
import { ConnectionError, errorOf, SilenceError, StatementError } from "./errors.ts";
import { isBinary, valueOf } from "./values.ts";
import { longestGreeting, MessageReader, Outbox, type ServerMessage } from "./wire.ts";

/** Where a database is and who wants in. */
export interface PostgresAddress {
  /** Where the server listens. */
  readonly target: SocketTarget;
  /** Name of the database. */
  readonly database: string;
  /** The role. */
  readonly user: string;
  /** Its password; empty where the server does not ask for one. */
  readonly password: string;
  /** Milliseconds for which the server may be silent while it works on a statement; no limit if not given. */
  readonly answerMs?: number;
}

/** A statement that the server knows. */
interface Statement {
  readonly name: string;
  readonly parameters: readonly number[];
  readonly columns: readonly Column[];
}

/** A column of a result. */
export interface Column {
  /** Its name as the server gives it. */
  readonly name: string;
  /** Its type's number in the server. */
  readonly type: number;
}

/** Parameters of a session (catalog-and-jobs.md 1.1). */
const sessionSettings = {
  client_encoding: "SQL_ASCII",
  DateStyle: "ISO, YMD",
  cursor_tuple_fraction: "1",
  client_min_messages: "warning",
  standard_conforming_strings: "on",
  application_name: "roost",
} as const;

/** How long the server may take until it has let us in. */
const CONNECT_MS = 30_000;
/** Statements that the server keeps for a connection. */
const mostStatements = 200;
/** Bytes of a COPY that go out at once. */
const copyPiece = 256 * 1024;

/** One connection to a PostgreSQL server. All calls wait for the answer. */
export class PostgresConnection {
  readonly #socket: BlockingSocket;
  readonly #reader: MessageReader;
  readonly #out = new Outbox();
  readonly #statements = new Map<string, Statement>();
  readonly #serverSettings = new Map<string, string>();
  readonly #answerMs: number;
  #named = 0;
  /** Whether the server has let us in. */
  #isIn = false;
  #status = "I";
  #hasEnded = false;

  /**
   * Connects.
   * @throws ConnectionError if that takes longer than `connectMs`, StatementError if the server refuses
   */
  constructor(address: PostgresAddress, connectMs = CONNECT_MS) {
    const end = performance.now() + connectMs;
    this.#answerMs = address.answerMs ?? Infinity;
    try {
      this.#socket = new BlockingSocket(address.target, connectMs);
    } catch (cause) {
      throw new ConnectionError(messageOf(cause), { cause });
    }
    // Who listens there may wait for us to speak another protocol, for ever.
    this.#reader = new MessageReader(() =>
      this.#socket.read(this.#isIn ? this.#answerMs : Math.max(0, end - performance.now()))
    );
    try {
      this.#start(address);
      this.#isIn = true;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** A setting that the server tells at the start, such as `server_encoding`. */
  serverSetting(name: string): string | undefined {
    return this.#serverSettings.get(name);
  }

  /** Whether a transaction is open, in order or failed. */
  get isInTransaction(): boolean {
    return this.#status !== "I";
  }

  /** Whether the server has gone: asked before a statement, so that none is sent into the void. */
  get isLost(): boolean {
    if (this.#hasEnded) return true;
    // Between statements the server speaks only to tell of a changed setting, or that it ends.
    while (this.#socket.hasNews || this.#reader.hasBytes) {
      try {
        this.#takeAside(this.#next());
      } catch {
        return true;
      }
    }
    return false;
  }

  /** Whether a statement of the transaction that is open has failed: it can only be rolled back. */
  get hasFailed(): boolean {
    return this.#status === "E";
  }

  #start({ user, database, password }: PostgresAddress): void {
    this.#out.add("", (body) => {
      body.u32(3 << 16);
      for (const [name, value] of Object.entries({ user, database, ...sessionSettings })) {
        body.cstring(name).cstring(value);
      }
      body.u8(0);
    });
    this.#flush();
    let scram: ScramClient | undefined;
    for (;;) {
      const { letter, body } = this.#next();
      if (letter === "Z") return this.#ready(body);
      if (letter !== "R") {
        this.#takeAside({ letter, body });
        continue;
      }
      const kind = body.u32();
      if (kind === 0) continue;
      if (password === "") throw new ConnectionError("the server wants a password");
      if (kind === 3) this.#out.add("p", (answer) => answer.cstring(password));
      else if (kind === 5) {
        this.#out.add("p", (answer) => answer.cstring(md5Answer(user, password, body.bytes(4))));
      } else if (kind === 10) {
        if (!decodeText(body.rest()).split("\0").includes(ScramClient.mechanism)) {
          throw new ConnectionError("the server wants a kind of SASL other than SCRAM-SHA-256");
        }
        scram = new ScramClient(password);
        const first = scram.first();
        this.#out.add(
          "p",
          (answer) => answer.cstring(ScramClient.mechanism).u32(first.length).text(first),
        );
      } else if (kind === 11 || kind === 12) {
        const text = decodeText(body.rest());
        try {
          const final = kind === 11 ? scram?.final(text) : scram?.verify(text);
          if (final !== undefined) this.#out.add("p", (answer) => answer.text(final));
        } catch (cause) {
          throw new ConnectionError(messageOf(cause), { cause });
        }
      } else {
        throw new ConnectionError(
          `the server wants an authentication of kind ${kind}: password, md5, scram-sha-256, peer or trust would do`,
        );
      }
      if (this.#out.length > 0) this.#flush();
    }
  }

  /** Runs statements without values and without results. @throws StatementError, ConnectionError */
  run(sql: string): void {
    this.#out.add("Q", (body) => body.cstring(sql));
    this.#flush();
    this.#receive(() => {}, false);
  }

  /**
   * All rows of a query, whose values stand at `$1` and on.
   * @param names makes the members of a row of the columns' names
   * @throws StatementError, ConnectionError
   */
  query(
    sql: string,
    values: readonly SqlValue[],
    names: (columns: readonly Column[]) => readonly string[],
  ): SqlRow[] {
    const statement = this.#prepare(sql);
    this.#bind("", statement, values);
    this.#out.add("E", (body) => body.cstring("").u32(0)).add("S");
    this.#flush();
    return this.#rows(statement, names(statement.columns)).rows;
  }

  /** Whether a statement has rows as its result, if only none. @throws StatementError, ConnectionError */
  givesRows(sql: string): boolean {
    return this.#prepare(sql).columns.length > 0;
  }

  /**
   * The rows of a query in pieces, by a portal of the transaction that is open. Its values stand at `$1` and on.
   * @throws StatementError, ConnectionError
   */
  *pieces(
    sql: string,
    values: readonly SqlValue[],
    names: (columns: readonly Column[]) => readonly string[],
    rowsOfPiece: number,
  ): Generator<SqlRow[]> {
    const statement = this.#prepare(sql);
    const portal = `p${++this.#named}`;
    const members = names(statement.columns);
    this.#bind(portal, statement, values);
    for (;;) {
      this.#out.add("E", (body) => body.cstring(portal).u32(rowsOfPiece)).add("S");
      this.#flush();
      const { rows, isSuspended } = this.#rows(statement, members);
      if (rows.length > 0) yield rows;
      if (!isSuspended) break;
    }
    this.#out.add("C", (body) => body.u8(0x50).cstring(portal)).add("S");
    this.#flush();
    this.#receive(() => {});
  }

  /** Sends rows of a table by COPY in text format. @throws StatementError, ConnectionError */
  copyIn(sql: string, lines: Uint8Array): void {
    this.#out.add("Q", (body) => body.cstring(sql));
    this.#flush();
    // The server says that it is ready, or why not; rows that come too early would be dropped.
    for (;;) {
      const { letter, body } = this.#next();
      if (letter === "G") break;
      if (letter === "E") {
        const error = errorOf(body);
        this.#receive(() => {}, false);
        throw error;
      }
      this.#takeAside({ letter, body });
    }
    for (let at = 0; at < lines.length; at += copyPiece) {
      this.#out.add("d", (body) => body.bytes(lines.subarray(at, at + copyPiece)));
      this.#flush();
    }
    this.#out.add("c");
    this.#flush();
    this.#receive(() => {}, false);
  }

  /** Ends the connection. */
  close(): void {
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      try {
        this.#socket.write(this.#out.add("X").take());
      } catch (error) {
        if (!(error instanceof SocketError)) throw error;
      }
    }
    this.#socket.close();
  }

  #prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= mostStatements) this.#forgetStatements();
    const name = `s${++this.#named}`;
    this.#out.add("P", (body) => body.cstring(name).cstring(sql).u16(0))
      .add("D", (body) => body.u8(0x53).cstring(name)).add("S");
    this.#flush();
    let parameters: readonly number[] = [];
    let columns: readonly Column[] = [];
    this.#receive(({ letter, body }) => {
      if (letter === "t") parameters = Array.from({ length: body.u16() }, () => body.u32());
      else if (letter === "T") columns = columnsOf(body);
    });
    const statement = { name, parameters, columns };
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Forgets the prepared statements, whose tables may have changed. */
  #forgetStatements(): void {
    for (const { name } of this.#statements.values()) {
      this.#out.add("C", (body) => body.u8(0x53).cstring(name));
    }
    this.#statements.clear();
  }

  #bind(portal: string, statement: Statement, values: readonly SqlValue[]): void {
    const { name, parameters, columns } = statement;
    if (values.length !== parameters.length) {
      throw new StatementError(
        `Cannot query the catalog: ${values.length} values for ${parameters.length} places`,
        "08P01",
      );
    }
    this.#out.add("B", (body) => {
      body.cstring(portal).cstring(name).u16(parameters.length);
      for (const [at, type] of parameters.entries()) {
        body.u16(Number(isBinary(type) && values[at] instanceof Uint8Array));
      }
      body.u16(values.length);
      for (const value of values) writeValue(body, value);
      body.u16(columns.length);
      for (const { type } of columns) body.u16(Number(isBinary(type)));
    });
  }

  /** Takes the rows of one execution. */
  #rows(
    { columns }: Statement,
    members: readonly string[],
  ): { readonly rows: SqlRow[]; readonly isSuspended: boolean } {
    const rows: SqlRow[] = [];
    let isSuspended = false;
    this.#receive(({ letter, body }) => {
      if (letter === "s") isSuspended = true;
      if (letter !== "D") return;
      const row: Record<string, SqlValue> = {};
      const count = body.u16();
      for (let at = 0; at < count; at++) {
        const length = body.i32();
        row[members[at] ?? ""] = length < 0
          ? null
          : valueOf(columns[at]?.type ?? 0, body.bytes(length));
      }
      rows.push(row);
    });
    return { rows, isSuspended };
  }

  /**
   * Takes messages up to the end of the statement.
   * @param isExtended whether the statement was sent in parts, with a Sync behind them
   * @throws StatementError, ConnectionError
   */
  #receive(take: (message: ServerMessage) => void, isExtended = true): void {
    try {
      this.#take(take, isExtended);
    } catch (error) {
      if (!(error instanceof ByteError)) throw error;
      // Who does not keep to the protocol is not spoken to any longer.
      this.#hasEnded = true;
      throw new ConnectionError(`the server sent a broken message: ${error.message}`, {
        cause: error,
      });
    }
  }

  #take(take: (message: ServerMessage) => void, isExtended: boolean): void {
    let failure: CatalogError | undefined;
    for (;;) {
      const message = this.#next();
      const { letter, body } = message;
      if (letter === "Z") {
        this.#ready(body);
        if (failure !== undefined) throw failure;
        return;
      }
      if (letter === "E") failure ??= this.#refused(body);
      else if (!this.#isAside(message)) take(message);
      if (letter === "G" || letter === "W") {
        this.#out.add("f", (answer) => answer.cstring("there is nothing to copy"));
        // A server that waits for rows passes over the Sync that was sent already.
        if (isExtended) this.#out.add("S");
        this.#flush();
      }
    }
  }

  #refused(body: ByteReader): CatalogError {
    const error = errorOf(body);
    // a statement of tables that have changed is prepared anew the next time
    if (error.code === "0A000" || error.code === "26000") this.#forgetStatements();
    return error;
  }

  #ready(body: ByteReader): void {
    this.#status = String.fromCharCode(body.u8());
  }

  #isAside({ letter, body }: ServerMessage): boolean {
    if (letter === "S") this.#serverSettings.set(body.cstring(), body.cstring());
    return letter === "S" || letter === "N" || letter === "A";
  }

  #takeAside(message: ServerMessage): void {
    if (this.#isAside(message)) return;
    if (message.letter !== "E") return;
    throw errorOf(message.body);
  }

  #next(): ServerMessage {
    try {
      return this.#isIn ? this.#reader.next() : this.#reader.next(longestGreeting);
    } catch (cause) {
      throw this.#ended(cause);
    }
  }

  #flush(): void {
    try {
      this.#socket.write(this.#out.take(), this.#answerMs);
    } catch (cause) {
      throw this.#ended(cause);
    }
  }

  /** The connection is of no use any more. */
  #ended(cause: unknown): ConnectionError {
    this.#hasEnded = true;
    if (!this.#isIn || !(cause instanceof SocketError && cause.isSilence)) {
      return new ConnectionError(messageOf(cause), { cause });
    }
    return new SilenceError(
      `the server has not answered for ${this.#answerMs / 1000} seconds (Answer Timeout)`,
      { cause },
    );
  }
}

function writeValue(body: ByteWriter, value: SqlValue): void {
  if (value === null) {
    body.i32(-1);
    return;
  }
  const bytes = value instanceof Uint8Array ? value : encodeText(String(value));
  body.u32(bytes.length).bytes(bytes);
}

function columnsOf(body: ByteReader): Column[] {
  return Array.from({ length: body.u16() }, () => {
    const name = body.cstring();
    body.bytes(6); // the table and the column's number in it
    const type = body.u32();
    body.bytes(8); // size, modifier and format
    return { name, type };
  });
}
