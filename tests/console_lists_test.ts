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

transcriptTests(["subscriptions"], {
  resources: listedResources + limited,
  director: "Subscriptions = 3",
  statements: `${listedCatalog}
UPDATE FileSet SET FileSetText = 'FileSet {
  Include {
    Plugin = "python:module_path=/usr/lib/plugins:module_name=bareos-fd-postgresql:x=y"
  }
}' WHERE FileSetId = 2;
UPDATE FileSet SET FileSetText = 'FileSet { Include {
  Plugin = bpipe:file=/x } }' WHERE FileSetId = 3;
INSERT INTO Job (JobId, Job, Name, Type, Level, JobStatus, ClientId, FileSetId, JobBytes) VALUES
  (11, 'Two.1', 'Two', 'B', 'F', 'T', 1, 1, 2500000000), (12, 'Db.1', 'Db', 'B', 'F', 'T', 1, 2, 500000000),
  (13, 'Db.2', 'Db', 'B', 'F', 'T', 1, 2, 700000000), (14, 'Other.1', 'Other', 'B', 'F', 'W', 1, 2, 100000000),
  (15, 'Pipe.1', 'Pipe', 'B', 'F', 'T', 1, 3, 0), (16, 'Bad.1', 'Bad', 'B', 'F', 'f', 1, 3, 1);
`,
  mask: (text) =>
    text.replaceAll(/^(Bareos version|Binary info|Report time|Checksum): .*$/gm, "$1: MASKED")
      .replaceAll(/("(?:version|os|binary-info|report-time|checksum)": )".*"/g, '$1"MASKED"'),
});
