/** A server that speaks the S3 protocol, from a package, with one bucket on a disk. @module */
import S3rver from "@20minutes/s3rver";
import { type ObjectStore, S3Store } from "../../storage/device/mod.ts";

const BUCKET = "backups";

/** The part of the package that is used; it has no types of its own. */
interface Server {
  run(): Promise<{ readonly port: number }>;
  close(): Promise<void>;
  readonly httpServer: { closeAllConnections(): void };
}

type ServerConstructor = new (options: Readonly<Record<string, unknown>>) => Server;

/** A running server. */
export class S3Server implements AsyncDisposable {
  readonly #server: Server;

  private constructor(readonly port: number, readonly folder: string, server: Server) {
    this.#server = server;
  }

  /** Starts a server with the bucket `backups`. */
  static async start(): Promise<S3Server> {
    const folder = await Deno.makeTempDir({ prefix: "roost-s3-" });
    const server = new (S3rver as unknown as ServerConstructor)({
      port: 0,
      address: "127.0.0.1",
      directory: folder,
      silent: true,
      configureBuckets: [{ name: BUCKET, configs: [] }],
    });
    const { port } = await server.run();
    return new S3Server(port, folder, server);
  }

  /** `http://127.0.0.1:<port>`. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The bucket, with the right key unless a test wants another. */
  store(secretKey = "S3RVER"): ObjectStore {
    return new S3Store({
      endpoint: this.endpoint,
      bucket: BUCKET,
      region: "us-east-1",
      accessKey: "S3RVER",
      secretKey,
      retryMs: 1,
    });
  }

  /** Stops the server and removes what it has stored. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#server.close();
    // clients keep connections for another request, and closing would wait for them
    this.#server.httpServer.closeAllConnections();
    await closed;
    await Deno.remove(this.folder, { recursive: true });
  }
}
