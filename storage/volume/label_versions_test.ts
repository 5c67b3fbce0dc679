import { strictEqual, throws } from "node:assert";
import { decodeVolumeLabel, encodeVolumeLabel, LabelFormat, VolumeError } from "./mod.ts";

const label = {
  ...{ labelTimeMicros: 1, writeTimeMicros: 2, volumeName: "V", previousVolumeName: "" },
  ...{ poolName: "P", poolType: "Backup", mediaType: "File", hostName: "h", program: "sd" },
  ...{ programVersion: "Ver. 1", programDate: "Build 1" },
};

Deno.test("decodeVolumeLabel() reads both Ids with either version (bacula.md 14.4)", () => {
  for (const { id } of Object.values(LabelFormat)) {
    for (const version of [11, 20]) {
      const read = decodeVolumeLabel(encodeVolumeLabel({ ...label, id, version }));
      strictEqual(`${read.id}${read.version} ${read.volumeName}`, `${id}${version} V`);
    }
    throws(
      () => decodeVolumeLabel(encodeVolumeLabel({ ...label, id, version: 12 })),
      VolumeError,
    );
  }
});
