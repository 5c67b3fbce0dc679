import { deepStrictEqual, strictEqual } from "node:assert";
import { fixture, hasFixtures } from "../../tests/support/paths.ts";
import { loadConfiguration, parseConfiguration } from "../config/mod.ts";
import { storageOptions } from "./mod.ts";

Deno.test({
  name: "storageOptions() takes a recorded configuration",
  ignore: !hasFixtures,
  fn: () => {
    const options = storageOptions(loadConfiguration("storage", fixture("config/rec-sd1.conf")));
    deepStrictEqual(options.addresses, [{ host: "127.0.0.1", port: 9503 }]);
    strictEqual(options.settings.name, "rec-sd1");
    strictEqual(options.settings.clientConnectWait, 1800);
    strictEqual(options.settings.justInTimeReservation, true);
    deepStrictEqual(options.directors.map(({ name, isMonitor }) => [name, isMonitor]), [
      ["rec-dir", false],
    ]);
    deepStrictEqual(
      options.devices.map(({ name, mediaType, labelMedia, alwaysOpen }) => [
        name,
        mediaType,
        labelMedia,
        alwaysOpen,
      ]),
      [["FileStorage1", "File1", true, false], ["FileStorage1b", "File1b", true, false]],
    );
    strictEqual(options.devices[0]?.maximumBlockSize, 1_048_576);
    strictEqual(options.devices[0]?.maximumConcurrentJobs, 1);
  },
});

Deno.test("storageOptions() makes numbered devices and a changer of Count", () => {
  const { devices, changers } = storageOptions(parseConfiguration(
    "storage",
    `Storage { Name = sd }
     Director { Name = dir; Password = x }
     Messages { Name = Standard; Director = dir = all }
     Device { Name = File; Media Type = F; Archive Device = /tmp; Device Type = file; Count = 2 }`,
  ));
  deepStrictEqual(devices.map(({ name, autoSelect }) => [name, autoSelect]), [
    ["File0000", false],
    ["File0001", true],
    ["File0002", true],
  ]);
  deepStrictEqual(changers, [{ name: "File", devices: ["File0000", "File0001", "File0002"] }]);
});
