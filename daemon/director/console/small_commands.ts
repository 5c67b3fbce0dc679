/** Commands of a few lines: modes, version, time, messages, reload (console.md 18). @module */
import { PLATFORM, PRODUCT, VERSION, VERSION_DATE } from "../../version.ts";
import { strftime } from "../../strftime.ts";
import { longVersion } from "../report/version_text.ts";
import { CommandFailed } from "./command.ts";
import type { CommandHandler, ConsoleSession } from "./session.ts";

/** `version`. */
export const version: CommandHandler = (session) => {
  const { name, verId } = session.director.resource;
  session.print(`${name} Version: ${longVersion()} ${Deno.build.os} ${PLATFORM} ${verId}\n`);
  session.output.put("version", {
    name,
    type: "bareos-director",
    version: VERSION,
    bdate: VERSION_DATE,
    operatingsystem: PLATFORM,
    distname: Deno.build.os,
    distversion: PRODUCT,
    customversionid: verId,
  });
};

/** `time`. */
export const time: CommandHandler = (session) => {
  const now = new Date();
  const full = strftime("%a %d-%b-%Y %H:%M:%S", now);
  session.print(`${full}\n`);
  const part = (code: string): string => strftime(`%${code}`, now);
  session.output.put("time", {
    full,
    year: part("Y"),
    month: part("m"),
    day: part("d"),
    hour: part("H"),
    minute: part("M"),
    second: part("S"),
  });
};

/** `whoami`. */
export const whoami: CommandHandler = (session) => {
  const name = session.name === "" ? "root" : session.name;
  session.print(`${name}\n`);
  session.output.put("whoami", name);
};

/** `messages`: what waits for the consoles. */
export const messages: CommandHandler = async (session) => {
  if (!await session.showPending()) session.output.decorate("You have no messages.\n");
};

/** `.messages`: the same for programs, where messages are shown at all. */
export const dotMessages: CommandHandler = async (session) => {
  if (session.showsMessages) await session.showPending();
};

/** `quit`, `exit`, `.quit`. */
export const quit: CommandHandler = (session) => session.quit();

/** `.`: nothing. */
export const nothing: CommandHandler = () => {};

/** `reload`. */
export const reload: CommandHandler = (session) => {
  const text = session.director.reload();
  const isOk = text === "reloaded\n";
  session.output.put("reload", { success: isOk });
  session.print(isOk ? text : `${text}failed to reload\n`);
  return isOk;
};

/** `use`: the catalog of this session. */
export const use: CommandHandler = async (session, args) => {
  await session.catalog(args);
  const { name, dbName } = session.catalogResource;
  session.print(`Using Catalog name=${name} DB=${dbName}\n`);
};

/** A command that is told `on` or `off`; asks for it where `question` is given. */
const switched = (
  set: (session: ConsoleSession, isOn: boolean) => void,
  question?: string,
): CommandHandler =>
async (session, args) => {
  let word = args.first?.keyword.toLowerCase();
  if (word !== "on" && word !== "off" && question !== undefined) {
    word = (await session.ask(question)).trim().toLowerCase();
  }
  if (word !== "on" && word !== "off") throw new CommandFailed("ON or OFF keyword missing.");
  set(session, word === "on");
};

/** `autodisplay`. */
export const autodisplay: CommandHandler = switched((session, isOn) => {
  session.showsMessages = isOn;
});
/** `gui`. */
export const gui: CommandHandler = switched((session, isOn) => {
  session.isGui = isOn;
});
/** `automount`. */
export const automount: CommandHandler = switched((session, isOn) => {
  session.mountsLabelled = isOn;
}, "Turn on or off? ");
/** `trace`: whether what `setdebug` lets the director tell goes to its trace file. */
export const trace: CommandHandler = switched((session, isOn) => {
  session.director.debug.change({ trace: isOn });
}, "Turn on or off? ");

/** `.api`. */
export const api: CommandHandler = (session, args) => {
  const modes: Readonly<Record<string, 0 | 1 | 2>> = {
    ...{ "": 1, "0": 0, off: 0, "1": 1, on: 1, "2": 2, json: 2 },
  };
  const mode = modes[args.first?.keyword.toLowerCase() ?? ""];
  if (mode === undefined || args.all.length > 2) return false;
  const compact = args.value("compact")?.toLowerCase();
  session.output.api = mode;
  if (mode === 2 && compact !== undefined) session.output.isCompact = compact === "yes";
  session.print(`api: ${mode}\n`);
  session.output.put("api", mode);
  return true;
};
