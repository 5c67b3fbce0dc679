import { createHash } from "node:crypto";
import { messageOf } from "../../bytes/mod.ts";
import { AwsClient } from "aws4fetch";
import { type ObjectStore, ObjectStoreError, type StoredObject } from "./object_store.ts";
import { md5Of, readListing, readRefusal, S3AnswerError } from "./s3_answers.ts";

/** Where a bucket is and who may use it. */
export interface S3StoreOptions {
  /** `https://s3.example.org`, without the bucket. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Milliseconds that one request may take. */
  readonly timeoutMs?: number;
  /** Milliseconds before the first repetition; each later one waits twice as long. */
  readonly retryMs?: number;
}

/** With the pauses between them about a minute. */
const ATTEMPTS = 8;
const TIMEOUT_MS = 120_000;
const RETRY_MS = 500;
/** A listing of more pages than this is an endless loop. */
const MOST_PAGES = 10_000;

/**
 * A bucket behind the S3 protocol, with its name in the path. Every object travels with its MD5, which
 * the server checks when it is stored and we check when it comes back.
 */
export class S3Store implements ObjectStore {
  readonly printName: string;
  readonly #options: S3StoreOptions;
  readonly #client: AwsClient;

  /** Nothing is asked before it is needed. */
  constructor(options: S3StoreOptions) {
    const { endpoint, bucket, region, accessKey, secretKey } = options;
    this.#options = options;
    this.printName = `${endpoint.replace(/\/+$/, "")}/${bucket}`;
    this.#client = new AwsClient({
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      region,
      service: "s3",
      retries: 0,
    });
  }

  async put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const digest = createHash("md5").update(bytes).digest();
    await this.#request("store", key, {
      method: "PUT",
      body: bytes,
      headers: {
        "content-md5": digest.toString("base64"),
        "x-amz-meta-md5": digest.toString("hex"),
      },
    }, async (response) => {
      await response.body?.cancel();
      const stored = md5Of(response.headers.get("etag"));
      if (stored !== undefined && stored !== digest.toString("hex")) {
        throw new ObjectStoreError("it arrived with another checksum");
      }
    });
  }

  async get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await this.#request("read", key, { method: "GET" }, async (response) => {
      if (response.status === 404) {
        await response.body?.cancel();
        return undefined;
      }
      const bytes = new Uint8Array(await response.arrayBuffer());
      const wanted = response.headers.get("x-amz-meta-md5") ?? md5Of(response.headers.get("etag"));
      if (wanted === undefined) return bytes;
      const found = createHash("md5").update(bytes).digest("hex");
      if (found !== wanted) throw new ObjectStoreError(`its checksum is ${found}, not ${wanted}`);
      return bytes;
    });
  }

  async remove(key: string): Promise<void> {
    await this.#request("remove", key, { method: "DELETE" }, async (response) => {
      await response.body?.cancel();
    });
  }

  async list(prefix: string): Promise<StoredObject[]> {
    const objects: StoredObject[] = [];
    let token = "";
    for (let page = 0; page < MOST_PAGES; page++) {
      const query = new URLSearchParams({ "list-type": "2", prefix });
      if (token !== "") query.set("continuation-token", token);
      const text = await this.#request(
        "list",
        `?${query}`,
        { method: "GET" },
        (response) => response.text(),
      );
      token = this.#takePage(text, objects);
      if (token === "") return objects.sort((a, b) => a.key < b.key ? -1 : 1);
    }
    throw new ObjectStoreError(`Cannot list ${this.printName}: the listing does not end`);
  }

  /** Adds the objects of a page; what the next one is asked for with, "" if it was the last. */
  #takePage(text: string, objects: StoredObject[]): string {
    try {
      const { objects: found, next } = readListing(text);
      for (const one of found) objects.push(one);
      return next;
    } catch (cause) {
      if (!(cause instanceof S3AnswerError)) throw cause;
      throw new ObjectStoreError(`Cannot list ${this.printName}: ${cause.message}`, { cause });
    }
  }

  async #request<Result>(
    what: string,
    key: string,
    init: RequestInit,
    take: (response: Response) => Promise<Result>,
  ): Promise<Result> {
    const path = key.startsWith("?") ? key : `/${key.split("/").map(encodeURIComponent).join("/")}`;
    const { timeoutMs = TIMEOUT_MS, retryMs = RETRY_MS } = this.#options;
    let failure: unknown;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await pause(retryMs * 2 ** (attempt - 1));
      try {
        const signal = AbortSignal.timeout(timeoutMs);
        const response = await this.#client.fetch(this.printName + path, { ...init, signal });
        if (response.ok || (response.status === 404 && init.method === "GET")) {
          if (response.status === 404 && key.startsWith("?")) throw await refusal(response);
          return await take(response);
        }
        failure = await refusal(response);
        if (response.status < 500 && response.status !== 429) break; // asking again changes nothing
      } catch (error) {
        failure = error;
      }
    }
    const why = messageOf(failure);
    const name = key.startsWith("?") ? this.printName : `${this.printName}/${key}`;
    throw new ObjectStoreError(`Cannot ${what} ${name}: ${why}`, { cause: failure });
  }
}

async function refusal(response: Response): Promise<ObjectStoreError> {
  const why = readRefusal(await response.text()) ?? response.statusText;
  return new ObjectStoreError(`${response.status} ${why}`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
