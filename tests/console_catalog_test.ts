/** What changes the catalog from the console, whole answers (console.md 15.2, 15.3, 16). @module */
import { CatalogDirector } from "./support/catalog_director.ts";
import { playTranscript } from "./support/console_transcript.ts";
import { prunedCatalog, prunedResources } from "./support/pruned_catalog.ts";

const transcripts = [
  ...[
    "delete",
    "prune-clients",
    "prune-volumes",
    "prune-rest",
    "purge-files",
    "purge-jobs",
    "purge-volumes",
  ],
  ...["update-volume", "update-volume-menu", "update-others", "add-create", "delete-json"],
];

for (const name of transcripts) {
  Deno.test(`the answers of ${name} are those of its transcript`, async () => {
    await using scene = await CatalogDirector.start({
      resources: prunedResources,
      statements: prunedCatalog,
    });
    await playTranscript(name, await scene.login());
  });
}
