/** What changes the catalog from the console, whole answers (console.md 15.2, 15.3, 16). @module */
import { transcriptTests } from "./support/catalog_director.ts";
import { prunedCatalog, prunedResources } from "./support/pruned_catalog.ts";

transcriptTests([
  ...["delete", "prune-clients", "prune-volumes", "prune-rest"],
  ...["purge-files", "purge-jobs", "purge-volumes"],
  ...["update-volume", "update-volume-menu", "update-others", "add-create", "delete-json"],
], { resources: prunedResources, statements: prunedCatalog });
