/** `list` and `llist` with every form and filter, whole answers (console.md 9, catalog-and-jobs.md 26). @module */
import { transcriptTests } from "./support/catalog_director.ts";
import { listedCatalog, listedResources } from "./support/listed_catalog.ts";

/** When jobs were due depends on when the test runs. */
const mask = (text: string): string =>
  text.replaceAll(/(schedtime"?: "?)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "$1TIME");

transcriptTests(["list-jobs", "list-others", "list-json"], {
  resources: listedResources,
  statements: listedCatalog,
  mask,
});
