/** The query file that `roost init` writes: each of its questions, over both databases (console.md 19). */
import { queryFileText } from "../daemon/config/mod.ts";
import { transcriptTests } from "./support/catalog_director.ts";
import { listedCatalog, listedResources } from "./support/listed_catalog.ts";

transcriptTests(["query-file"], {
  resources: listedResources,
  statements: listedCatalog,
  files: { "query.sql": queryFileText },
  director: 'Query File = "FOLDER/query.sql"',
});
