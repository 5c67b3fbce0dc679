/** `list` and `llist` with every form and filter, whole answers (console.md 9, catalog-and-jobs.md 26). @module */
import { transcriptTests } from "./support/catalog_director.ts";
import { listedCatalog, listedResources } from "./support/listed_catalog.ts";

/** When jobs were due depends on when the test runs. */
const mask = (text: string): string =>
  text.replaceAll(/(schedtime"?: "?)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "$1TIME");

/** A console that may see one job, client, pool, file set and storage. */
const limited = `Console { Name = limited; Password = own; TLS Enable = no; Catalog ACL = *all*
  Command ACL = list, llist, .api, prune, purge, delete, update, truncate, wait, cancel; Job ACL = Backup; Client ACL = alpha-fd
  Pool ACL = Full; FileSet ACL = Set; Storage ACL = Disk }
`;

transcriptTests(["list-limited"], {
  resources: listedResources + limited,
  // A volume that could be truncated, in a pool that the console may not use.
  statements:
    `${listedCatalog}UPDATE Media SET VolStatus = 'Purged', Recycle = 1, VolBytes = 99999 WHERE MediaId = 2;\n`,
  mask,
  console: "limited",
});

transcriptTests(["list-jobs", "list-others", "list-json"], {
  resources: listedResources,
  statements: listedCatalog,
  mask,
});
