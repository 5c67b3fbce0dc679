/** `list` and `llist` with every form and filter, whole answers (console.md 9, catalog-and-jobs.md 26). @module */
import { CatalogDirector } from "./support/catalog_director.ts";
import { playTranscript } from "./support/console_transcript.ts";
import { listedCatalog, listedResources } from "./support/listed_catalog.ts";

/** When jobs were due depends on when the test runs. */
const masked = (text: string): string =>
  text.replaceAll(/(schedtime"?: "?)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "$1TIME");

for (const name of ["list-jobs", "list-others", "list-json"]) {
  Deno.test(`the answers of ${name} are those of its transcript`, async () => {
    await using scene = await CatalogDirector.start({
      resources: listedResources,
      statements: listedCatalog,
    });
    await playTranscript(name, await scene.login(), masked);
  });
}
