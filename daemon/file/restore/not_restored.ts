import { JobMessageType } from "../../../protocol/mod.ts";
import { type Attributes, FileType } from "../../../storage/volume/mod.ts";
import type { Notice } from "../fileset/mod.ts";

/** What is said of a file that a record tells of, but that cannot be made; undefined if it can. */
export function whyNotRestored({ name, type, deltaSequence }: Attributes): Notice | undefined {
  if (type === FileType.deleted) {
    return {
      type: JobMessageType.INFO,
      text: `Original file ${name} have been deleted: type=${type}\n`,
    };
  }
  if (type === FileType.base) {
    return {
      type: JobMessageType.INFO,
      text:
        `Not restored: ${name}. It is as a base job has it, which is to be restored with this one\n`,
    };
  }
  if (deltaSequence > 0) {
    return {
      type: JobMessageType.ERROR,
      text:
        `Cannot restore ${name}: it is number ${deltaSequence} of a chain of deltas, which only its ` +
        "plugin can put together\n",
    };
  }
  if (isNotSaved(type)) {
    return {
      type: JobMessageType.ERROR,
      text: `Original file ${name} not saved: type=${type}\n`,
    };
  }
  return undefined;
}

/** Types of files that a backup could not read (director-client.md 25.3). */
function isNotSaved(type: number): boolean {
  return type >= FileType.noAccess && type <= FileType.noOpen &&
    type !== FileType.noRecursion && type !== FileType.otherFileSystem;
}
