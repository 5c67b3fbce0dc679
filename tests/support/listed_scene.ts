/** What tests of lists for programs, and of small commands, stand on. @module */
import type { ConsoleSession } from "../../protocol/mod.ts";
import { ConsoleScene, enterJobs, type OpenCatalog } from "./console_scene.ts";

/** Jobs of the past, a console that everything is told to, and users and profiles to list. */
export async function begun(
  open?: OpenCatalog,
): Promise<{ scene: ConsoleScene; session: ConsoleSession }> {
  const scene = await ConsoleScene.start({
    open,
    resources: `Profile { Name = operator; CommandAcl = *all* }
Console { Name = web; Password = x; Profile = operator; TlsEnable = no }
User { Name = alice; Profile = operator }
Counter { Name = Number; Minimum = 7 }`,
    fill: (catalog) => {
      enterJobs(catalog, [
        { files: ["/data/", "/data/a.txt"] },
        { level: "I", start: "2026-01-02 10:00:00", files: ["/data/c.txt"] },
        { status: "f", start: "2026-01-03 10:00:00" },
      ]);
      catalog.run("INSERT INTO Location (Location, Cost, Enabled) VALUES ('Vault', 0, 1)");
    },
  });
  const session = await scene.login();
  await session.call("use catalog=MyCatalog");
  await session.call("list clients");
  return { scene, session };
}
