/** The end of a file that was restored: its size, its attributes, whether it counts. @module */
import { JobMessageType } from "../../../protocol/mod.ts";
import { writeFinderInfo } from "../attributes/mod.ts";
import { isSystemError, type Platform } from "../platform/mod.ts";
import type { ContentChecks } from "./content_checks.ts";
import type { FileContents } from "./file_contents.ts";
import type { FileWriter } from "./file_writer.ts";
import type { ParentDirectories } from "./parent_directories.ts";
import type { PluginTarget, ProgramSink } from "./plugin_target.ts";
import type { RestoreReports } from "./restore_reports.ts";
import type { CurrentFile, RestoredFile } from "./restored_file.ts";
import { setAttributes } from "./set_attributes.ts";

/** What a {@linkcode FileEnd} works with: that of the restore. */
export interface FileEndTools {
  readonly platform: Platform;
  readonly parents: ParentDirectories;
  readonly contents: FileContents;
  readonly checks: ContentChecks;
  readonly plugins: PluginTarget;
  readonly reports: RestoreReports;
  /** Told of each file that counts. */
  readonly onRestored: ((file: RestoredFile) => void) | undefined;
}

/** Ends files. */
export class FileEnd {
  readonly #with: FileEndTools;

  /** For one restore. */
  constructor(tools: FileEndTools) {
    this.#with = tools;
  }

  /** Its contents are written, and all its attributes have come: these are set, and it counts. */
  end(file: CurrentFile): void {
    const { contents, checks, reports } = this.#with;
    const { writer, kind } = file;
    checks.end(file);
    contents.closeFork(file);
    try {
      if (writer !== undefined && kind === "regular" && !file.hasFailed) {
        this.#completeSize(file, writer);
      }
      this.#finishAttributes(file);
    } catch (error) {
      this.#failWriting(file, error);
    }
    if (writer !== undefined) this.#close(file, writer);
    forgetContents(file);
    reports.then(() => this.#count(file));
  }

  /** Hears how the program ended that has taken a file's contents. */
  #endProgram(file: CurrentFile, sink: ProgramSink): void {
    const { plugins, reports } = this.#with;
    try {
      const fault = plugins.finish(sink);
      if (fault === undefined) return;
      file.hasFailed = true;
      reports.error(fault);
    } catch (error) {
      sink.program.kill(); // the job is over
      throw error;
    }
  }

  /** A file with a hole at its end becomes as long as it was. */
  #completeSize(file: CurrentFile, writer: FileWriter): void {
    const { checks, reports } = this.#with;
    const original = file.attributes.stat.size;
    if (file.isSparse) writer.extend(original);
    // Without a byte and without the digest that ends a file, its data is missing: the job was cut off.
    const isKnown = writer.size > 0 || (!checks.hasDigest && !file.isSigned);
    if (original <= 0 || !isKnown || original === writer.size) return;
    const text = `File size of restored file ${file.target} not correct. Original ${original}, ` +
      `restored ${writer.size}.\n`;
    reports.then(() => {
      if (!file.hasFault) reports.error(text);
    });
  }

  #finishAttributes(file: CurrentFile): void {
    const { platform, parents, reports } = this.#with;
    const { location, finderInfo, kind } = file;
    if (finderInfo !== undefined) {
      writeFinderInfo(platform, location.name, finderInfo, location.at);
    }
    // Another name has what the first one has; a node that takes data stays as it is.
    if (kind === "hardLink" || kind === "stream" || kind === "program") return;
    setAttributes(platform, parents, file, (what, message) => {
      const isList = what === "acl" || what === "xattr";
      if (isList || platform.isRoot) reports.say(JobMessageType.WARNING, message);
    });
  }

  #close(file: CurrentFile, writer: FileWriter): void {
    this.#with.reports.counters.bytesWritten += writer.written;
    if (file.sink !== undefined) this.#endProgram(file, file.sink);
    try {
      writer.close();
    } catch (error) {
      this.#failWriting(file, error);
    }
  }

  #failWriting(file: CurrentFile, error: unknown): void {
    if (!isSystemError(error)) throw error;
    file.hasFailed = true;
    this.#with.reports.error(`Write error on file ${file.target}: ERR=${error.reason}\n`);
  }

  #count(file: CurrentFile): void {
    if (file.hasFailed) return;
    const { reports, onRestored } = this.#with;
    const { attributes, kind, link } = file;
    reports.counters.files += 1;
    const target = kind === "directory" ? `${file.target}/` : file.target;
    onRestored?.({ attributes, target, link });
  }
}

/** Whether a file counts may have to wait for others: what it was made of does not. */
function forgetContents(file: CurrentFile): void {
  file.writer = undefined;
  file.backupRead = undefined;
  file.finderInfo = undefined;
  file.acls.length = 0;
  file.extendedAttributes.length = 0;
}
