/** A small configuration of a director, for tests of the grammar. @module */
import {
  type Configuration,
  ConfigurationError,
  parseConfiguration,
  type ProgramResources,
} from "../../daemon/config/mod.ts";

/** A director's configuration that lacks nothing, and more. */
export const director = (more: string): string => `
Director { Name = d; Password = x }
Catalog { Name = c; DbName = c; DbUser = u }
Messages { Name = m; Console = all }
Client { Name = c; Address = a; Password = y }
Storage { Name = s; Address = a; Password = z; Device = dev; MediaType = File }
Pool { Name = p; Storage = s }
FileSet { Name = f; Include { File = / } }
Job { Name = j; Type = Backup; Client = c; FileSet = f; Pool = p; Messages = m }
${more}`;

/** Reads it. */
export const parse = (more: string): Configuration<ProgramResources["director"]> =>
  parseConfiguration("director", director(more), "test.conf");

/** What is wrong with it. */
export function problems(more: string): readonly string[] {
  try {
    parse(more);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ message }) => message);
    throw error;
  }
  return [];
}
