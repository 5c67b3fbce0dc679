/**
 * Stand-ins for the file daemon and storage daemon of Bareos 13.2, which say what the reference's
 * transcripts of them say and refuse what they refuse (director-client.md 27.2 and 27.4,
 * storage-daemon.md 15.2 and 16). They save nothing.
 *
 * @module
 */
import { decodeText, encodeText } from "../../bytes/mod.ts";
import { listen, type Listener } from "../../daemon/listener.ts";
import {
  authenticateAcceptor,
  type Connection,
  formatAttributeUpdate,
  passwordKey,
  Signal,
} from "../../protocol/mod.ts";

/** A stand-in that listens. Dispose of it with `await using`. */
export class OldDaemon implements AsyncDisposable {
  /** What was said to it, a list a connection. */
  readonly heard: string[][] = [];
  readonly #listener: Listener;

  constructor(
    port: number,
    name: string,
    password: string,
    hello: string,
    serve: (connection: Connection, hear: () => Promise<string | undefined>) => Promise<void>,
  ) {
    this.#listener = listen({
      addresses: [{ host: "127.0.0.1", port }],
      onConnection: async (connection) => {
        const heard: string[] = [];
        this.heard.push(heard);
        /** The next message, or the name of a signal; nothing at the end. */
        const hear = async (): Promise<string | undefined> => {
          const frame = await connection.receive();
          if (
            frame === undefined || (frame.kind === "signal" && frame.signal === Signal.TERMINATE)
          ) {
            return undefined;
          }
          const text = frame.kind === "signal" ? `<${frame.signal}>` : decodeText(frame.payload);
          heard.push(text);
          return text;
        };
        if (!/^Hello Director roost-dir calling/.test(await hear() ?? "")) {
          return connection.close();
        }
        await authenticateAcceptor(connection, { ownName: name, key: passwordKey(password) });
        await connection.send(hello);
        await serve(connection, hear);
        if (connection.canSend) await connection.sendSignal(Signal.TERMINATE).catch(() => {});
      },
      onError: () => {}, // the director's report tells
    });
  }

  /** Stops listening. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close(0);
  }
}

/** What is known of the one job that the stand-ins play. */
export interface OldJob {
  /** Resolves when the file daemon is told to begin. */
  readonly begun: PromiseWithResolvers<void>;
  /** Path and `stat` of the one file that is "saved". */
  readonly path: string;
}

/** `bareos-fd` 13.2: number 5 if it is compatible, else 52; other numbers are of other releases. */
export function oldFileDaemon(
  port: number,
  password: string,
  number: number,
  job: OldJob,
): OldDaemon {
  const version = "13.2.5 (16Nov15) x86_64-pc-linux-gnu,debian,7.0";
  const hello = number === 0 ? "2000 OK Hello\n" : `2000 OK Hello ${number}\n`;
  /** What newer releases answer to at once. */
  const newer: readonly (readonly [since: number, command: string, answer: string])[] = [
    [4, "setbandwidth=", "2000 OK Bandwidth\n"],
    [3, "restoreobject end", "2000 OK ObjectRestored\n"],
    [52, "pluginoptions ", "2000 OK PluginOptions\n"],
    [54, "getSecureEraseCmd", "2000 OK FDSecureEraseCmd *None*\n"],
  ];
  const endJob =
    "2800 End Job TermCode=84 JobFiles=1 ReadBytes=3 JobBytes=3 Errors=0 VSS=0 Encrypt=0\n";
  return new OldDaemon(port, "old-fd", password, hello, async (connection, hear) => {
    for (let text = await hear(); text !== undefined; text = await hear()) {
      if (text.startsWith("JobId=")) await connection.send(`2000 OK Job ${version}`);
      else if (text.startsWith("level = since_utime")) {
        for (let round = 0; round < 10; round++) {
          await connection.sendSignal(Signal.BTIME);
          await hear();
        }
        await connection.sendSignal(Signal.EOD);
        await connection.send("2000 OK level\n");
      } else if (/^level = (?:full|base)/.test(text)) await connection.send("2000 OK level\n");
      else if (text.startsWith("level = ")) continue; // the time comes first
      else if (text.startsWith("fileset")) {
        while (await hear() !== "<-1>");
        await connection.send("2000 OK include\n");
      } else if (text.startsWith("accurate ")) {
        while (await hear() !== "<-1>");
      } else if (text.startsWith("storage ")) await connection.send("2000 OK storage\n");
      else if (text.startsWith("backup ")) {
        await connection.send("2000 OK backup\n");
        job.begun.resolve();
        await connection.send(endJob);
        return;
      } else if (text.startsWith("restore ")) {
        await connection.send("2000 OK restore\n");
        job.begun.resolve();
        // Before number 2 there was one storage daemon, and nothing to be said after it.
        if (number < 2) return await connection.send(endJob);
        await connection.send("2000 OK storage end\n");
      } else if (text === "endrestore" && number >= 2) {
        return await connection.send(endJob);
      } else {
        const known = newer.find(([since, command]) => number >= since && text.startsWith(command));
        if (known !== undefined) await connection.send(known[2]);
        else if (number >= 3 && text.startsWith("restoreobject ")) {
          await hear();
          await hear();
        } else {
          await connection.send("2999 Invalid command\n");
          return;
        }
      }
    }
  });
}

/** `bareos-sd` 13.2. */
export function oldStorageDaemon(port: number, password: string, job: OldJob): OldDaemon {
  return new OldDaemon(port, "old-sd", password, "3000 OK Hello\n", async (connection, hear) => {
    let name = "";
    let isReading = false;
    const ask = async (request: string): Promise<string> => {
      await connection.send(request);
      return await hear() ?? "";
    };
    for (let text = await hear(); text !== undefined; text = await hear()) {
      if (text.startsWith("JobId=")) {
        // It scans 20 fields, the last of them DumpLevel.
        if (!/ DumpLevel=\d+\n$/.test(text)) {
          await connection.send(`3915 Bad Job command. stat=19 CMD: ${text}`);
          return;
        }
        name = / job=(\S+) /.exec(text)?.[1] ?? "";
        await connection.send("3000 OK Job SDid=3 SDtime=1753960800 Authorization=OLDKEY\n");
      } else if (text.startsWith("use storage=")) {
        isReading = / append=0 /.test(text);
        while (await hear() !== "<-1>");
        await hear();
        if (isReading) {
          await connection.send("3000 OK use device device=FileStorage\n");
          continue;
        }
        const volume = await ask(
          `CatReq Job=${name} FindMedia=1 pool_name=Full media_type=File\n`,
        );
        if (!volume.startsWith("1000 OK VolName=")) return;
        await connection.send("3000 OK use device device=FileStorage\n");
      } else if (text.startsWith("cancel ")) {
        job.begun.resolve(); // what it would have waited for does not come any more
        await connection.send(`3000 Job ${text.slice(11).trim()} marked to be canceled.\n`);
        await connection.sendSignal(Signal.EOD);
      } else if (text.startsWith("bootstrap")) {
        while (await hear() !== "<-1>");
        await connection.send("3000 OK bootstrap\n");
      } else if (text === "run" && isReading) {
        await job.begun.promise;
        await connection.send(`3010 Job ${name} start\n`);
        await connection.send(
          `3099 Job ${name} end JobStatus=84 JobFiles=1 JobBytes=200 JobErrors=0\n`,
        );
        await connection.sendSignal(Signal.EOD);
        return;
      } else if (text === "run") {
        await connection.send(`Status Job=${name} JobStatus=70\n`);
        await job.begun.promise;
        await connection.send(`3010 Job ${name} start\n`);
        await connection.send(`Status Job=${name} JobStatus=82\n`);
        const counts = (more: string) =>
          `CatReq Job=${name} UpdateMedia VolName=Full-0001 VolJobs=1 VolFiles=0 VolBlocks=1 ` +
          `VolBytes=1000 VolMounts=1 VolErrors=0 VolWrites=2 MaxVolBytes=0 EndTime=1753960900 ` +
          `VolStatus=Append Slot=0 relabel=${more} InChanger=0 VolReadTime=0 VolWriteTime=9 ` +
          "VolFirstWritten=1753960890\n";
        await ask(`CatReq Job=${name} GetVolInfo VolName=Full-0001 write=1\n`);
        await ask(counts("1"));
        const data =
          `1 3 ${job.path}\0P4A GOBW IGA B A A A D BAA I BlU/EA BlU/EA BrA/Ae A A G\0\0\x000\0`;
        await connection.send(formatAttributeUpdate({
          ...{ job: name, volSessionId: 3, volSessionTime: 1753960800, fileIndex: 1, stream: 1 },
          data: encodeText(data),
        }));
        await ask(
          `CatReq Job=${name} CreateJobMedia FirstIndex=1 LastIndex=1 StartFile=0 EndFile=0 ` +
            "StartBlock=200 EndBlock=999 Copy=0 Strip=0 MediaId=1\n",
        );
        await ask(counts("0"));
        await connection.send(`Status Job=${name} JobStatus=84\n`);
        await connection.send(
          `3099 Job ${name} end JobStatus=84 JobFiles=1 JobBytes=200 JobErrors=0\n`,
        );
        await connection.sendSignal(Signal.EOD);
        return;
      } else {
        // With this the session is over.
        await connection.send(`3900 Invalid command: ${text}`);
        return;
      }
    }
  });
}
