/** What changes the catalog from the console, whole answers (console.md 15.2, 15.3, 16). @module */
import assert from "node:assert/strict";
import { CatalogDirector, transcriptTests } from "./support/catalog_director.ts";
import { prunedCatalog, prunedResources } from "./support/pruned_catalog.ts";

transcriptTests([
  ...["delete", "prune-clients", "prune-volumes", "prune-rest"],
  ...["purge-files", "purge-jobs", "purge-volumes"],
  ...["update-volume", "update-volume-menu", "update-others", "add-create", "delete-json"],
], { resources: prunedResources, statements: prunedCatalog });

Deno.test("setip takes the address of the console for the client of its name", async () => {
  const console = (name: string): string =>
    `Console { Name = ${name}; Password = own; TLS Enable = no; Command ACL = setip, whoami, .sql
  Catalog ACL = *all* }\n`;
  await using scene = await CatalogDirector.start({
    resources: prunedResources.replace("Address = 127.0.0.1", "Address = 192.0.2.1") +
      console("alpha-fd") + console("stranger"),
  });
  const client = await scene.login("alpha-fd", "own");
  assert.equal(await client.call("whoami"), "alpha-fd\n");
  assert.equal(await client.call("setip"), 'Client "alpha-fd" address set to 127.0.0.1\n');
  const stranger = await scene.login("stranger", "own");
  assert.equal(await stranger.call("setip"), 'Client "stranger" not found.\n');
  const shown = await (await scene.login()).call("show client=alpha-fd");
  assert.match(shown, /Address = "127\.0\.0\.1"/);
});
