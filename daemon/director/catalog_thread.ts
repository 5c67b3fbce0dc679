/** The thread of a long read: it opens the catalog for itself, reads, and ends. @module */
import {
  Catalog,
  type CatalogPlace,
  type LongRead,
  openReader,
  readLong,
} from "../../storage/catalog/mod.ts";
import type { ThreadPort } from "../threads.ts";

/** What the thread is told first. */
export interface ReadRequest {
  readonly place: CatalogPlace;
  readonly read: LongRead;
}

/** What the thread says: a piece of the rows, the next of which is to be asked for, or the end. */
export type ReadAnswer =
  | { readonly rows: readonly unknown[] }
  | { readonly failure: string }
  | "end";

/** Serves one read. */
export async function serve(port: ThreadPort): Promise<void> {
  const { place, read } = await port.receive() as ReadRequest;
  const say = (answer: ReadAnswer): void => port.post(answer);
  try {
    const catalog = new Catalog(openReader(place));
    try {
      for (const rows of readLong(catalog, read)) {
        say({ rows });
        await port.receive();
      }
    } finally {
      catalog.close();
    }
    say("end");
  } catch (error) {
    say({ failure: error instanceof Error ? error.message : String(error) });
  }
}
