/**
 * Director and file daemon: every message of both directions (director-client.md).
 *
 * @module
 */
import { type Messages, messages } from "./message.ts";

/** The texts of {@linkcode directorToFile}. */
export const DIRECTOR_TO_FILE = {
  /** Announces the accurate list: entries ({@linkcode ACCURATE_ENTRY}), then EOD. No answer. */
  accurate: "accurate files={files:u}\n",
  /** Starts a backup; the first file gets the number after `fileIndex`. */
  backup: "backup FileIndex={fileIndex:u}\n",
  /** Obsolete: lines, then EOD. */
  bootstrap: "bootstrap\n",
  /** Cancels a job by its unique name. */
  cancel: "cancel Job={job:s127}\n",
  /** No more storages to restore from. No answer. */
  endRestore: "endrestore",
  /** Counts, and with `listing` 1 lists, what a backup would save. */
  estimate: "estimate listing={listing:d}\n",
  /** Begins the fileset: lines ({@linkcode FILESET_LINE}), then EOD. */
  fileset: "fileset[ vss={vss:u}]\n",
  /** Starts a job, or with JobId 0 console work. */
  jobId:
    "JobId={jobId:u} Job={job:s127} SDid={sdId:u} SDtime={sdTime:u} Authorization={authorization:s100}[ ssl={ssl:u}]\n",
  /** Since when (seconds of the director's clock); the clock dialogue follows. */
  since: "level = since_utime {since:u} mtime_only={mtimeOnly:u}[ prev_job={previousJob:s127}]\n",
  /** Continues an incomplete job. */
  levelRerunning: "level = {level:s} rerunning  mtime_only={mtimeOnly:u} \n",
  /** The level; answered only for full and base. */
  level: "level = {level:s}  mtime_only={mtimeOnly:u} \n",
  /** Options for all plugins. */
  pluginOptions: "pluginoptions {options:words}\n",
  /** Obsolete: a command to run after the job. */
  runAfterJob: "RunAfterJob {command:words}\n",
  /** Run the Before scripts now. */
  runBeforeNow: "RunBeforeNow\n",
  /** Obsolete: a command to run at once. */
  runBeforeJob: "RunBeforeJob {command:words}\n",
  /** One run script; `when` is a mask of 1 After, 2 Before, 4 AfterVSS. */
  run:
    "Run OnSuccess={onSuccess:d} OnFailure={onFailure:d} AbortOnError={abortOnError:d} When={when:d} Command={command:words}\n",
  /** The last restore object has been sent. */
  restoreObjectEnd: "restoreobject end\n",
  /** One restore object; its name and its bytes follow as two frames. No answer. */
  restoreObject:
    "restoreobject JobId={jobId:u} {length:u},{fullLength:u},{index:d},{type:d},{compression:d},{fileIndex:d}[,{plugin:words}]\n",
  /** Restores below a folder, or in the original place if `where` is empty; Bacula says how many files. */
  restoreWhere:
    "restore[ files={files:u}] replace={replace:s1} prelinks={prefixLinks:d} where={where:words}\n",
  /** Restores to names changed by expressions. */
  restoreRegexWhere:
    "restore[ files={files:u}] replace={replace:s1} prelinks={prefixLinks:d} regexwhere={regexWhere:words}\n",
  /** Looks up a host name. */
  resolve: "resolve {host:s}",
  /** Asks for the command that erases files securely. */
  getSecureEraseCommand: "getSecureEraseCmd\n",
  /** Obsolete. */
  session:
    "session {volume:s127} {volSessionId:d} {volSessionTime:d} {startFile:d} {endFile:d} {startBlock:d} {endBlock:d}\n",
  /** The session key of the next storage daemon that connects (passive client). */
  setAuthorization: "setauthorization Authorization={authorization:s100}\n",
  /** Limits a job, or with an empty name all of them. */
  setBandwidth: "setbandwidth={bytesPerSecond:d} Job={job:s127}\n",
  /** Debugging; negative values leave things as they are. */
  setDebug: "setdebug={level:d} trace={trace:d}[ hangup={hangup:d}][ timestamp={timestamp:d}]\n",
  /** Status for people. */
  status: "status",
  /** Status for programs. */
  dotStatus: ".status {word:words}",
  /** Connect to this storage daemon; with a key (restore, verify) it replaces the job's. */
  storage:
    "storage address={address:s} port={port:u} ssl={ssl:u}[ Authorization={authorization:s100}]\n",
  /** Starts a verify. */
  verify: "verify level={level:s30}\n",
  /** The director's time, in answer to signal BTIME. */
  btime: "btime {microseconds:u}\n",
  /** Answer to signals POLL and EOD_POLL. */
  pollOk: "1000 OK\n",
} as const;

/** What a director says to a file daemon (director-client.md 4). */
export const directorToFile: Messages<typeof DIRECTOR_TO_FILE> = messages(DIRECTOR_TO_FILE);

/** The keywords of a file daemon's commands in matching order: the first prefix wins. */
export const FILE_COMMANDS = [
  "accurate",
  "backup",
  "bootstrap",
  "cancel",
  "endrestore",
  "estimate",
  "fileset",
  "JobId=",
  "level = ",
  "pluginoptions",
  "RunAfterJob",
  "RunBeforeNow",
  "RunBeforeJob",
  "Run",
  "restoreobject",
  "restore ",
  "resolve ",
  "getSecureEraseCmd",
  "session",
  "setauthorization",
  "setbandwidth=",
  "setdebug=",
  "status",
  ".status",
  "storage ",
  "verify",
] as const;

/** The texts of {@linkcode fileToDirector}. */
export const FILE_TO_DIRECTOR = {
  /** The final reply to the hello of a modern file daemon. */
  helloOk: "2000 OK Hello {fdVersion:u}\n",
  /** The same of the oldest ones. */
  helloOkOld: "2000 OK Hello\n",
  /** The final reply after a failed authentication. */
  authenticationFailed: "2999 Authentication failed.\n",
  /** No such command; the session ends. */
  invalidCommand: "2999 Invalid command\n",
  /** A monitor may ask for status only. */
  monitorOnly: "2997 Invalid command for a Director with Monitor directive enabled.\n",
  /** Answers to `accurate`, `backup`, ... in the order of the commands. */
  accurateBad: "2991 Bad accurate command\n",
  backupOk: "2000 OK backup\n",
  backupBad: "2902 Bad backup\n",
  bootstrapOk: "2000 OK bootstrap\n",
  cancelOk: "2001 Job {job:s} marked to be canceled.\n",
  jobNotFound: "2901 Job {job:s} not found.\n",
  cancelBad: "2902 Error scanning cancel command.\n",
  /** With thousands separators. */
  estimateOk: "2000 OK estimate files={files:s} bytes={bytes:s}\n",
  estimateBad: "2992 Bad estimate command.\n",
  filesetOk: "2000 OK include\n",
  /** Version, date and operating system; no line end. */
  jobIdOk: "2000 OK Job {information:text}",
  jobIdBad: "2901 Bad Job\n",
  levelOk: "2000 OK level\n",
  pluginOptionsOk: "2000 OK PluginOptions\n",
  pluginOptionsBad: "2905 Bad PluginOptions command.\n",
  runAfterJobOk: "2000 OK RunAfter\n",
  runAfterJobBad: "2905 Bad RunAfterJob command.\n",
  runBeforeNowOk: "2000 OK RunBeforeNow\n",
  runBeforeJobOk: "2000 OK RunBefore\n",
  runBeforeJobBad: "2905 Bad RunBeforeJob command.\n",
  runOk: "2000 OK RunScript\n",
  runFailed: "2905 Failed RunScript\n",
  restoreObjectOk: "2000 OK ObjectRestored\n",
  restoreObjectBad: "2909 Bad RestoreObject command.\n",
  restoreOk: "2000 OK restore\n",
  /** This storage is done; the next one or `endrestore` may come. */
  storageEnd: "2000 OK storage end\n",
  getSecureEraseCommandOk: "2000 OK FDSecureEraseCmd {command:text}\n",
  sessionOk: "2000 OK session\n",
  setAuthorizationOk: "2000 OK Authorization\n",
  setAuthorizationBad: "2902 Bad setauthorization\n",
  setBandwidthOk: "2000 OK Bandwidth\n",
  setBandwidthBad: "2991 Bad setbandwidth command: {command:text}\n",
  setDebugOk:
    "2000 OK setdebug={level:d} trace={trace:d} hangup={hangup:d}[ timestamp={timestamp:d}] tracefile={traceFile:text}\n",
  setDebugOkOld: "2000 OK setdebug={level:d} trace={trace:d} hangup={hangup:d}\n",
  setDebugBad: "2991 Bad setdebug command: {command:text}\n",
  dotStatusOk: "2000 OK .status\n",
  dotStatusMissing: "2900 Bad .status command, missing argument.\n",
  dotStatusWrong: "2900 Bad .status command, wrong argument.\n",
  /** A line of `.status current` and `.status last`. */
  jobStatus: "JobId={jobId:u} JobStatus={status:s1} JobErrors={errors:u}\n",
  storageOk: "2000 OK storage\n",
  storageBad: "2902 Bad storage\n",
  verifyOk: "2000 OK verify\n",
  verifyBad: "2994 Bad verify command: {command:text}\n",
  verifyBadLevel: "2994 Bad verify level: {level:text}\n",
  /** The last answer of a job. `termCode` is the character code of the status letter. */
  endJob:
    "2800 End Job TermCode={termCode:d} JobFiles={jobFiles:u} ReadBytes={readBytes:u} JobBytes={jobBytes:u} Errors={errors:u} VSS={vss:d} Encrypt={encrypt:d}\n",
  /** Restore object found by a verify of a volume. */
  verifyObject: "{fileIndex:u} 28 ReStOrEObJeCt {name:q}\0\0\0",
  /** Digest found by a verify; belongs to the attributes before it. */
  verifyDigest: "{fileIndex:u} {stream:u} {digest:s} *{algorithm:q}-{digestIndex:u}*",
  /** Attributes found by a verify; `link` is empty but for links. */
  verifyAttributes: "{fileIndex:u} {stream:u} {options:s} {name:q}\0{stat:q}\0{link:q}\0",
  /** A host name was found. */
  resolveOk: "{daemon:q} resolves {host:s} to {addresses:text}\n",
  /** A host name was not found. */
  resolveFailed: "{daemon:q}: Failed to resolve {host:text}\n",
} as const;

/** What a file daemon says to a director (director-client.md 4, 10, 13). */
export const fileToDirector: Messages<typeof FILE_TO_DIRECTOR> = messages(FILE_TO_DIRECTOR);

/** The texts of {@linkcode filesetLine}. */
export const FILESET_LINE = {
  /** `I`, `E`, `N`. */
  bare: "{code:s2}\n",
  /** Code, one space, value; the value keeps the line end it may have. */
  valued: "{code:s2} {value:text}",
} as const;

/** The lines of a fileset (director-client.md 6.1). */
export const filesetLine: Messages<typeof FILESET_LINE> = messages(FILESET_LINE);

/** The texts of {@linkcode accurateEntry}. */
export const ACCURATE_ENTRY = {
  /** Path, stat, digest (may be empty) and delta sequence. */
  full: "{path:q}\0{stat:q}\0{digest:q}\0{delta:u}",
  /** What the oldest directors send. */
  short: "{path:q}\0{stat:text}",
} as const;

/** The entries of the accurate list (director-client.md 7). */
export const accurateEntry: Messages<typeof ACCURATE_ENTRY> = messages(ACCURATE_ENTRY);
