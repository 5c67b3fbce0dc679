/**
 * Every command of the console as data (console.md 6), in the order in which
 * prefixes are compared: dispatch, `help`, `.help`, completion, the right to run
 * it and audits all read this table.
 *
 * @module
 */
import type { CommandRow } from "./command.ts";

/** A row; the flags are R for scripts and A for audited. */
function row(name: string, flags: string, help: string, usage = ""): CommandRow {
  return { name, help, usage, inScripts: flags.includes("R"), isAudited: flags.includes("A") };
}

const listUsage =
  "basefiles ( jobid=<jobid> | ujobid=<complete_name> ) | backups client=<client-name> " +
  "[fileset=<fileset-name>] [jobstatus=<status>] [level=<level>] [order=<asc|desc>] " +
  "[limit=<number>] [days=<number>] [hours=<number>] | client=<client-name> | clients " +
  "| copies jobid=<jobid> | files jobid=<jobid> | files ujobid=<complete_name> | " +
  "filesets | fileset [ filesetid=<filesetid> ] | fileset [ jobid=<jobid> ] | fileset " +
  "[ ujobid=<complete_name> ] | jobs [job=<job-name>] [client=<client-name>] " +
  "[jobstatus=<status>] [jobtype=<jobtype>] [joblevel=<joblevel>] " +
  "[volume=<volumename>] [pool=<pool>] [days=<number>] [hours=<number>] [last] [count] " +
  "| job=<job-name> [client=<client-name>] [jobstatus=<status>] [jobtype=<jobtype>] " +
  "[joblevel=<joblevel>] [volume=<volumename>] [days=<number>] [hours=<number>] | " +
  "jobid=<jobid> | ujobid=<complete_name> | joblog jobid=<jobid> [count] | joblog " +
  "ujobid=<complete_name> [count] | jobmedia jobid=<jobid> | jobmedia " +
  "ujobid=<complete_name> | jobtotals | jobstatistics jobid=<jobid> | log " +
  "[client=<client-name>] [reverse] | media [ jobid=<jobid> | ujobid=<complete_name> | " +
  "pool=<pool-name> | all ] | media=<media-name> | nextvolume job=<job-name> " +
  "[days=<number>] | pools | pool=<pool-name> | poolid=<poolid> | storages | volumes [ " +
  "jobid=<jobid> | ujobid=<complete_name> | pool=<pool-name> | all ] [count] | " +
  "volume=<volume-name> | volumeid=<volumeid> | mediaid=<volumeid> | [current] | " +
  "[enabled | disabled] | [limit=<number> [offset=<number>]]";

/** The table. */
export const commandTable: readonly CommandRow[] = [
  row(".", "R", "no op"),
  row(".actiononpurge", "R", "List possible actions on purge"),
  row(
    ".api",
    "",
    "Switch between different api modes",
    "[ 0 | 1 | 2 | off | on | json ] [compact=<yes|no>]",
  ),
  row(
    ".authorized",
    "",
    "Check for authorization",
    "job=<job-name> | client=<client-name> | storage=<storage-name> | " +
      "schedule=<schedule-name> | pool=<pool-name> | cmd=<command> | " +
      "fileset=<fileset-name> | catalog=<catalog>",
  ),
  row(".catalogs", "", "List all catalog resources"),
  row(".clients", "R", "List all client resources", "[enabled | disabled]"),
  row(".consoles", "R", "List all console resources"),
  row(".users", "R", "List all user resources"),
  row(
    ".defaults",
    "",
    "Get default settings",
    "job=<job-name> | client=<client-name> | storage=<storage-name> | pool=<pool-name>",
  ),
  row(".filesets", "", "List all filesets"),
  row(".help", "", "Print parsable information about a command", "[ all ] [ item=cmd ] [ full ]"),
  row(".jobdefs", "R", "List all job defaults resources"),
  row(".jobs", "R", "List all job resources", "[type=<jobtype>] | [enabled | disabled]"),
  row(".jobstatus", "R", "List jobstatus information", "[ =<jobstatus> ]"),
  row(".levels", "", "List all backup levels"),
  row(".locations", "R", ""),
  row(".messages", "", "Display pending messages"),
  row(".media", "R", "List all medias"),
  row(".mediatypes", "R", "List all media types"),
  row(".msgs", "", "List all message resources"),
  row(".pools", "R", "List all pool resources", "type=<pooltype>"),
  row(".profiles", "R", "List all profile resources"),
  row(".quit", "", "Close connection"),
  row(".sql", "A", "Send an arbitrary SQL command", "query=<sqlquery>"),
  row(".schedule", "", "List all schedule resources", "[enabled | disabled]"),
  row(
    ".status",
    "A",
    "Report status",
    "dir ( current | last | header | scheduled | running | terminated ) | " +
      "storage=<storage> [ header | waitreservation | devices | volumes | spooling | " +
      "running | terminated ] | client=<client> [ header | terminated | running ]",
  ),
  row(".storages", "R", "List all storage resources", "[enabled | disabled]"),
  row(".types", "", "List all job types"),
  row(".volstatus", "R", "List all volume status"),
  row(
    ".bvfs_lsdirs",
    "RA",
    "List directories using BVFS",
    "jobid=<jobid> path=<path> | pathid=<pathid> [limit=<limit>] [offset=<offset>]",
  ),
  row(
    ".bvfs_lsfiles",
    "RA",
    "List files using BVFS",
    "jobid=<jobid> path=<path> | pathid=<pathid> [limit=<limit>] [offset=<offset>]",
  ),
  row(".bvfs_update", "RA", "Update BVFS cache", "[jobid=<jobid>]"),
  row(
    ".bvfs_get_jobids",
    "RA",
    "Get jobids required for a restore",
    "jobid=<jobid> | ujobid=<unique-jobid> [all]",
  ),
  row(
    ".bvfs_versions",
    "RA",
    "List versions of a file",
    "jobid=0 client=<client-name> pathid=<path-id> filename=<file-name> [copies] " +
      "[versions]",
  ),
  row(
    ".bvfs_restore",
    "RA",
    "Mark BVFS files/directories for restore. Stored in handle.",
    "path=<handle> jobid=<jobid> [fileid=<file-id>] [dirid=<dirid>] [hardlink=<hardlink>]",
  ),
  row(".bvfs_cleanup", "RA", "Cleanup BVFS cache for a certain handle", "path=<handle>"),
  row(".bvfs_clear_cache", "A", "Clear BVFS cache", "yes"),
  row("add", "A", "Add media to a pool", "pool=<pool-name> storage=<storage-name> jobid=<jobid>"),
  row("autodisplay", "", "Autodisplay console messages", "on | off"),
  row("automount", "A", "Automount after label", "on | off"),
  row(
    "cancel",
    "A",
    "Cancel a job",
    "storage=<storage-name> | jobid=<jobid> | job=<job-name> | ujobid=<unique-jobid> | " +
      "state=<job_state> | all yes",
  ),
  row("configure", "A", "Configure director resources"),
  row("create", "A", "Create DB Pool from resource", "pool=<pool-name>"),
  row(
    "delete",
    "RA",
    "Delete volume, pool or job",
    "[volume=<vol-name> [yes] | volume pool=<pool-name> [yes] | storage " +
      "storage=<storage-name> | pool=<pool-name> | jobid=<jobid> | " +
      "jobid=<jobid1,jobid2,...> | jobid=<jobid1-jobid9>]",
  ),
  row(
    "disable",
    "RA",
    "Disable a job/client/schedule",
    "job=<job-name> client=<client-name> schedule=<schedule-name>",
  ),
  row(
    "enable",
    "RA",
    "Enable a job/client/schedule",
    "job=<job-name> client=<client-name> schedule=<schedule-name>",
  ),
  row(
    "estimate",
    "RA",
    "Performs FileSet estimate, listing gives full listing",
    "fileset=<fileset-name> client=<client-name> level=<level> accurate=<yes/no> " +
      "job=<job-name> listing",
  ),
  row("exit", "", "Terminate Bconsole session"),
  row(
    "export",
    "RA",
    "Export volumes from normal slots to import/export slots",
    "storage=<storage-name> srcslots=<slot-selection> [ dstslots=<slot-selection> " +
      "volume=<volume-name> scan ]",
  ),
  row(
    "gui",
    "",
    "Switch between interactive (gui off) and non-interactive (gui on) mode",
    "on | off",
  ),
  row(
    "help",
    "",
    "Print help on specific command",
    "add autodisplay automount cancel configure create delete disable enable estimate " +
      "exit gui label list llist messages memory mount prune purge quit query restore " +
      "relabel release reload run status setbandwidth setdebug setip show sqlquery time " +
      "trace truncate unmount umount update use var version wait",
  ),
  row(
    "import",
    "RA",
    "Import volumes from import/export slots to normal slots",
    "storage=<storage-name> [ srcslots=<slot-selection> dstslots=<slot-selection> " +
      "volume=<volume-name> scan ]",
  ),
  row(
    "label",
    "A",
    "Label a tape",
    "storage=<storage-name> volume=<volume-name> pool=<pool-name> slot=<slot> [ drive = " +
      "<drivenum>] [ barcodes ] [ encrypt ] [ yes ]",
  ),
  row("list", "RA", "List objects from catalog", listUsage),
  row("llist", "RA", "Full or long list like list command", listUsage),
  row("messages", "", "Display pending messages"),
  row("memory", "R", "Print current memory usage"),
  row(
    "mount",
    "A",
    "Mount storage",
    "storage=<storage-name> slot=<num> drive=<drivenum> jobid=<jobid> | job=<job-name> | " +
      "ujobid=<complete_name>",
  ),
  row(
    "move",
    "RA",
    "Move slots in an autochanger",
    "storage=<storage-name> srcslots=<slot-selection> dstslots=<slot-selection>",
  ),
  row(
    "prune",
    "RA",
    "Prune records from catalog",
    "files [client=<client>] [pool=<pool>] [yes] | jobs [client=<client>] [pool=<pool>] " +
      "[yes] | volume [all] [=volume] [pool=<pool>] [yes] | stats [yes] | directory " +
      "[=directory] [client=<client>] [recursive] [yes]",
  ),
  row(
    "purge",
    "RA",
    "Purge records from catalog",
    "[files [job=<job> | jobid=<jobid> | client=<client> | volume=<volume>]] | [jobs " +
      "[client=<client> | volume=<volume>] | pool=<pool>] [jobstatus=<status>]] | " +
      "[volume[=<volume>] [storage=<storage>] [pool=<pool> | allpools] [devicetype=<type>] " +
      "[drive=<drivenum>] [action=<action>]] | [quota [client=<client>]]",
  ),
  row("quit", "", "Terminate Bconsole session"),
  row("query", "A", "Query catalog"),
  row(
    "restore",
    "A",
    "Restore files",
    "where=</path> client=<client-name> storage=<storage-name> bootstrap=<file> " +
      "restorejob=<job-name> comment=<text> jobid=<jobid> fileset=<fileset-name> " +
      "replace=<always|never|ifolder|ifnewer> pluginoptions=<plugin-options-string> " +
      "regexwhere=<regex> fileregex=<regex> restoreclient=<client-name> " +
      "backupformat=<format> pool=<pool-name> file=<filename> directory=<directory> " +
      "before=<date> strip_prefix=<prefix> add_prefix=<prefix> add_suffix=<suffix> " +
      "select=<date> select before current copies done all",
  ),
  row(
    "relabel",
    "A",
    "Relabel a tape",
    "storage=<storage-name> oldvolume=<old-volume-name>  volume=<new-volume-name> " +
      "pool=<pool-name> [ encrypt ]",
  ),
  row(
    "release",
    "RA",
    "Release storage",
    "storage=<storage-name> [ drive=<drivenum> ] [ alldrives ]",
  ),
  row("reload", "RA", "Reload conf file"),
  row(
    "rerun",
    "A",
    "Rerun a job",
    "jobid=<jobid> | since_jobid=<jobid> [ until_jobid=<jobid> ] | days=<nr_days> | " +
      "hours=<nr_hours> | yes",
  ),
  row(
    "resolve",
    "A",
    "Resolve a hostname",
    "client=<client-name> | storage=<storage-name> <host-name>",
  ),
  row(
    "run",
    "A",
    "Run a job",
    "job=<job-name> client=<client-name> fileset=<fileset-name> level=<level> " +
      "storage=<storage-name> where=<directory-prefix> when=<universal-time-specification> " +
      "pool=<pool-name> pluginoptions=<plugin-options-string> accurate=<yes|no> " +
      "comment=<text> spooldata=<yes|no> priority=<number> jobid=<jobid> catalog=<catalog> " +
      "migrationjob=<job-name> backupclient=<client-name> backupformat=<format> " +
      "nextpool=<pool-name> since=<universal-time-specification> verifyjob=<job-name> " +
      "migrationjob=<complete_name> [ yes ]",
  ),
  row(
    "status",
    "RA",
    "Report status",
    "all | dir=<dir-name> | director | scheduler | schedule=<schedule-name> | " +
      "client=<client-name> | storage=<storage-name> slots | days=<nr_days> | " +
      "job=<job-name> | subscriptions [clients] [plugins] [all] [anonymize] " +
      "[client=<client-name>] | configuration",
  ),
  row(
    "setbandwidth",
    "RA",
    "Sets bandwidth",
    "[ client=<client-name> | storage=<storage-name> | jobid=<jobid> | job=<job-name> | " +
      "ujobid=<unique-jobid> state=<job_state> | all ] limit=<nn-kbs> [ yes ]",
  ),
  row(
    "setdebug",
    "RA",
    "Sets debug level",
    "level=<nn> trace=0/1 timestamp=0/1 client=<client-name> | dir | " +
      "storage=<storage-name> | all",
  ),
  row(
    "setdevice",
    "RA",
    "Sets device parameter",
    "storage=<storage-name> device=<device-name> autoselect=<bool>",
  ),
  row("setip", "A", "Sets new client address -- if authorized"),
  row(
    "show",
    "RA",
    "Show resource records",
    "catalog=<catalog-name> | client=<client-name> | console=<console-name> | " +
      "director=<director-name> | fileset=<fileset-name> | jobdefs=<job-defaults> | " +
      "job=<job-name> | message=<message-resource-name> | pool=<pool-name> | " +
      "profile=<profile-name> | schedule=<schedule-name> | storage=<storage-name> | " +
      "catalog | clients | consoles | directors | filesets | jobdefs | jobs | messages | " +
      "pools | profiles | schedules | storages | disabled [ clients | jobs | schedules ] | " +
      "all [verbose]",
  ),
  row("sqlquery", "A", "Use SQL to query catalog"),
  row("time", "R", "Print current time"),
  row("trace", "RA", "Turn on/off trace to file", "on | off"),
  row(
    "truncate",
    "RA",
    "Truncate purged volumes",
    "volstatus=Purged [storage=<storage>] [pool=<pool>] [volume=<volume>] " +
      "[drive=<drivenum>] [yes]",
  ),
  row(
    "unmount",
    "A",
    "Unmount storage",
    "storage=<storage-name> [ drive=<drivenum> ] jobid=<jobid> | job=<job-name> | " +
      "ujobid=<complete_name>",
  ),
  row(
    "umount",
    "A",
    "Umount - for old-time Unix guys, see unmount",
    "storage=<storage-name> [ drive=<drivenum> ] jobid=<jobid> | job=<job-name> | " +
      "ujobid=<complete_name>",
  ),
  row(
    "update",
    "RA",
    "Update volume, pool, slots, job or statistics",
    "[volume=<volume-name> [volstatus=<status>] [volretention=<time-def>] " +
      "[actiononpurge=<action>] [encrypt=<yes/no/rotate>] [pool=<pool-name>] " +
      "[recycle=<yes/no>] [slot=<number>] [inchanger=<yes/no>]] | [pool=<pool-name> " +
      "[maxvolbytes=<size>] [maxvolfiles=<nb>] [maxvoljobs=<nb>][enabled=<yes/no>] " +
      "[recyclepool=<pool-name>] [actiononpurge=<action>] | slots [storage=<storage-name>] " +
      "[scan]] | [jobid=<jobid> [jobname=<name>] [starttime=<time-def>] " +
      "[client=<client-name>] [filesetid=<fileset-id>] [jobtype=<job-type>]] | [stats " +
      "[days=<number>]]",
  ),
  row("use", "A", "Use specific catalog", "catalog=<catalog>"),
  row("var", "A", "Does variable expansion"),
  row("version", "R", "Print Director version"),
  row(
    "wait",
    "",
    "Wait until no jobs are running",
    "jobname=<name> | jobid=<jobid> | ujobid=<complete_name> | mount [timeout=<number>]",
  ),
  row("whoami", "R", "Print the user name associated with this console"),
];
