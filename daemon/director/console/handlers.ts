/** Which function carries each command out. @module */
import { configureUsage } from "./configure_usage.ts";
import { bvfsCommands } from "./bvfs_commands.ts";
import { transferCommands } from "./changer.ts";
import { commandTable } from "./command_table.ts";
import { configure } from "./configure_command.ts";
import { remove } from "./delete_command.ts";
import { defaults } from "./dot_defaults.ts";
import { dotLists } from "./dot_lists.ts";
import { estimate } from "./estimate_command.ts";
import { dotHelp, help } from "./help_command.ts";
import { cancel, wait } from "./job_commands.ts";
import { labelCommands } from "./label_commands.ts";
import { list, llist } from "./list_command.ts";
import { mountCommands } from "./mount_commands.ts";
import { prune } from "./prune_command.ts";
import { purge, truncate } from "./purge_command.ts";
import { dotSql, query, sqlquery } from "./query_commands.ts";
import { restore } from "./restore_command.ts";
import { rerun, run } from "./run_command.ts";
import { show } from "./show_command.ts";
import * as small from "./small_commands.ts";
import { dotStatus, status } from "./status_command.ts";
import * as toggle from "./toggle_commands.ts";
import { update } from "./update_commands.ts";
import type { CommandHandler, ConsoleCommand } from "./session.ts";

/** By the names of the table. */
export const handlers: Readonly<Record<string, CommandHandler>> = {
  ...dotLists,
  ...bvfsCommands,
  ...labelCommands,
  ...mountCommands,
  ...transferCommands,
  ".": small.nothing,
  ".api": small.api,
  ".defaults": defaults,
  ".help": dotHelp,
  ".messages": small.dotMessages,
  ".quit": small.quit,
  ".sql": dotSql,
  ".status": dotStatus,
  autodisplay: small.autodisplay,
  automount: small.automount,
  cancel,
  configure,
  delete: remove,
  disable: toggle.disable,
  enable: toggle.enable,
  estimate,
  exit: small.quit,
  gui: small.gui,
  help,
  list,
  llist,
  memory: toggle.memory,
  messages: small.messages,
  prune,
  purge,
  query,
  quit: small.quit,
  reload: small.reload,
  rerun,
  resolve: toggle.resolve,
  restore,
  run,
  setbandwidth: toggle.setbandwidth,
  setdebug: toggle.setdebug,
  setdevice: toggle.setdevice,
  setip: toggle.setip,
  show,
  sqlquery,
  status,
  time: small.time,
  trace: small.trace,
  truncate,
  update,
  use: small.use,
  var: toggle.expand,
  version: small.version,
  wait,
  whoami: small.whoami,
};

/** Every command, in the order in which prefixes are compared. */
export const consoleCommands: readonly ConsoleCommand[] = commandTable.map((row) => {
  const run = handlers[row.name];
  if (run === undefined) throw new RangeError(`Nothing carries out the command ${row.name}`);
  return { ...row, ...(row.name === "configure" && { usage: configureUsage() }), run };
});
