/** Plugins of a job: which files their lines stand for, and their options (director-client.md 6, 12). @module */
import { encodeText } from "../../../bytes/mod.ts";
import {
  directorToFile as hear,
  fileToDirector as say,
  JobMessageType,
} from "../../../protocol/mod.ts";
import type { DirectorSession, Verdict } from "../director_session.ts";
import type { FileJob } from "../file_job.ts";
import { type AskedPlugin, withPluginFiles } from "../fileset/mod.ts";
import {
  builtInPlugins,
  optionsFor,
  parsePluginLine,
  PluginError,
  programOf,
  type ProgramRules,
  type RestoringPlugins,
  shellSign,
} from "../plugins/mod.ts";

/**
 * Asks the plugins which files the lines of the job's file set stand for; the file set has them then.
 * @returns what is wrong with lines, as job messages; those lines stand for nothing
 */
export function askPlugins(session: DirectorSession, job: FileJob): string[] {
  if (job.fileSet === undefined) return [];
  const problems = job.fileSet.includes.flatMap(({ blocks }) =>
    blocks.flatMap(({ plugins }) => plugins.map(whyNoOptionsPlugin))
  );
  const rules = rulesOf(session);
  const environment = environmentOf(job);
  job.fileSet = withPluginFiles(job.fileSet, (line): AskedPlugin[] => {
    const { plugin, definition } = parsePluginLine(line);
    const known = builtInPlugins.get(plugin);
    if (known === undefined) {
      problems.push(`Command plugin "${line}" requested, but is not loaded.\n`);
      return [];
    }
    try {
      return known.filesOf(definition, optionsFor(plugin, job.pluginOptions))
        .map(({ name, reader }) => {
          const program = programOf(reader, rules);
          warnOfShellSigns(job, name, reader, rules);
          return { name: encodeText(name), line, program, environment };
        });
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      problems.push(`Cannot use plugin "${line}": ${error.message}\n`);
      return [];
    }
  });
  return problems;
}

/**
 * A plugin of an Options block saves the files that the block selects in its own way; none of those that there are
 * does, so such a line always is a fault: the files would be saved otherwise than was asked for.
 */
function whyNoOptionsPlugin(line: string): string {
  const { plugin } = parsePluginLine(line);
  const why = builtInPlugins.has(plugin)
    ? `${plugin} saves files of its own: write the line outside of Options, in Include.`
    : "Plugins other than those that are built in cannot be loaded.";
  return `Options plugin "${line}" not found. ${why}\n`;
}

/** Who has a pipe or a redirection in mind is told that nobody understands it. */
function warnOfShellSigns(job: FileJob, name: string, reader: string, rules: ProgramRules): void {
  const sign = rules.usesShell && rules.allowedFolders.length === 0 ? undefined : shellSign(reader);
  if (sign === undefined || job.announcement.jobId === 0) return;
  job.message(
    JobMessageType.WARNING,
    `${name}: the reader has "${sign}" in it, which is handed to the program as it is: no shell ` +
      `runs it. Write sh -c '...' around what a shell is to understand.\n`,
  );
}

function rulesOf(session: DirectorSession): ProgramRules {
  return {
    mayRunPrograms: session.allows("runscript"),
    allowedFolders: session.scriptFolders,
    usesShell: session.manner.isBacula,
  };
}

/** What programs learn of the job from their environment. */
function environmentOf({ announcement, level, since, type }: FileJob): Record<string, string> {
  return {
    BareosJobId: String(announcement.jobId),
    BareosJobLevel: level,
    BareosSinceTime: String(since),
    BareosJobType: type,
  };
}

/** What the thread of a restore must know of plugins. */
export function restoringPlugins(
  session: DirectorSession,
  job: FileJob,
  { where, replace }: { readonly where: string; readonly replace: string },
): RestoringPlugins {
  return {
    ...{ options: job.pluginOptions, rules: rulesOf(session), where, replace },
    environment: { ...environmentOf(job), BareosWhere: where, BareosReplace: replace },
  };
}

/** `pluginoptions`: kept for the job; who sets some for a plugin that is not there is told. */
export async function takePluginOptions(session: DirectorSession, text: string): Promise<Verdict> {
  const options = hear.pluginOptions.parse(text)?.options ?? "";
  const { job } = session;
  const { plugin } = parsePluginLine(options);
  if (job !== undefined && builtInPlugins.has(plugin)) job.pluginOptions.push(options);
  else if (job !== undefined && job.announcement.jobId !== 0) {
    job.message(
      JobMessageType.WARNING,
      `Plugin options "${options}" have no effect: the plugin "${plugin}" is not loaded\n`,
    );
  }
  return await session.accept(say.pluginOptionsOk.format({}));
}
