/** The thread of a long read: it opens the catalog for itself, reads, and ends. @module */
import { messageOf } from "../../bytes/mod.ts";
import {
  Catalog,
  type CatalogPlace,
  type LongRead,
  openReader,
  readLong,
  ReadOnlyError,
} from "../../storage/catalog/mod.ts";
import type { ThreadPort } from "../threads.ts";

/** What the thread is told first. */
export interface ReadRequest {
  readonly place: CatalogPlace;
  readonly read: LongRead;
  /** Jobs whose files are being deleted. */
  readonly unswept: readonly number[];
}

/** What the thread says: a piece of the rows, each of which is answered with any message, or the end. */
export type ReadAnswer =
  | { readonly rows: readonly unknown[] }
  | { readonly failure: string; /** Whether it changes rows. */ readonly isReadOnly: boolean }
  | "end";

/** Pieces that may be under way to who wants them, so that nobody waits for the other. */
const mostAhead = 8;

/** Serves one read. */
export async function serve(port: ThreadPort): Promise<void> {
  const { place, read, unswept } = await port.receive() as ReadRequest;
  const say = (answer: ReadAnswer): void => port.post(answer);
  try {
    const store = openReader(place);
    try {
      const catalog = new Catalog(store);
      for (const jobId of unswept) catalog.unswept.add(jobId);
      let ahead = 0;
      for (const rows of readLong(catalog, read)) {
        say({ rows });
        if (++ahead < mostAhead) continue;
        await port.receive();
        ahead--;
      }
    } finally {
      store.close();
    }
    say("end");
  } catch (error) {
    say({ failure: messageOf(error), isReadOnly: error instanceof ReadOnlyError });
  }
}
