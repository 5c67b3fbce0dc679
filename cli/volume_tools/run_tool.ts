import { parseToolOptions, type ToolName, type ToolOptions } from "./options.ts";
import { ToolError } from "./source.ts";
import { StandardOutput } from "./standard_output.ts";

/**
 * Runs a volume tool with the words of its command line: what cannot be understood is told with the usage,
 * a {@linkcode ToolError} of `work` with its status; what was written comes out in any case.
 * @returns the exit status (storage-daemon.md 12)
 */
export async function runTool(
  tool: ToolName,
  args: readonly string[],
  work: (options: ToolOptions, output: StandardOutput) => number | Promise<number>,
): Promise<number> {
  const parsed = parseToolOptions(tool, args);
  if ("text" in parsed) {
    if (parsed.status === 0) console.log(parsed.text);
    else console.error(parsed.text);
    return parsed.status;
  }
  const output = new StandardOutput(tool, parsed.options);
  try {
    return await work(parsed.options, output);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    output.problem(error.message);
    return error.status;
  } finally {
    output.flush();
  }
}
