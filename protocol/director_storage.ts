/**
 * Director and storage daemon: every message of both directions but the catalog requests, which are
 * in `catalog_request.ts` (storage-daemon.md 3 and 4).
 *
 * @module
 */
import { type Messages, messages } from "./message.ts";

/** The texts of {@linkcode directorToStorage}. */
export const DIRECTOR_TO_STORAGE = {
  /** Starts a job; `type` and `level` are character codes. */
  jobId:
    "JobId={jobId:u} job={job:name} job_name={jobName:name} client_name={clientName:name} type={type:u} level={level:u} FileSet={fileSet:name} NoAttr={noAttributes:u} SpoolAttr={spoolAttributes:u} FileSetMD5={fileSetMd5:name} SpoolData={spoolData:u} PreferMountedVols={preferMountedVolumes:u} SpoolSize={spoolSize:u} rerunning={rerunning:u} VolSessionId={volSessionId:u} VolSessionTime={volSessionTime:u} Quota={quota:u} Protocol={protocol:u} BackupFormat={backupFormat:s}[ DumpLevel={dumpLevel:u}]\n",
  /** The form of Bacula: other fields in another order (bacula.md 10.2). */
  jobIdBacula:
    "JobId={jobId:u} job={job:name} job_name={jobName:name} client_name={clientName:name} type={type:u} level={level:u} FileSet={fileSet:name} NoAttr={noAttributes:u} SpoolAttr={spoolAttributes:u} FileSetMD5={fileSetMd5:name} SpoolData={spoolData:u} WritePartAfterJob={writePartAfterJob:u} PreferMountedVols={preferMountedVolumes:u} SpoolSize={spoolSize:u} rerunning={rerunning:u} VolSessionId={volSessionId:u} VolSessionTime={volSessionTime:u} sd_client={storageClient:u} Authorization={authorization:s100}\n",
  /** Begins the devices of one storage; EOD ends them, a second EOD the list of storages. */
  useStorage:
    "use storage={storage:name} media_type={mediaType:name} pool_name={poolName:name} pool_type={poolType:name} append={append:u} copy={copy:u} stripe={stripe:u}\n",
  /** One device that may be used. */
  useDevice: "use device={device:name}\n",
  /** Begins the bootstrap: its lines, then EOD. */
  bootstrap: "bootstrap\n",
  /** Waits for the file daemon and serves it; messages of the job follow. */
  run: "run",
  /** The same for the writing daemon of a job between two storage daemons. */
  listen: "listen",
  /**
   * The same for a job whose data comes from several storage daemons, one after the other. Not known
   * to Bareos, whose director never has such a job.
   */
  listenForParts: "listen parts={parts:u}\n",
  /** Connect to this file daemon. */
  passiveClient: "passive client address={address:s} port={port:u} ssl={ssl:u}\n",
  /** End of the data sessions of an NDMP job. */
  finish: "finish",
  /** The next data session of an NDMP job. */
  nextRun: "nextrun",
  /** Connect to this storage daemon and send it what the bootstrap selects. */
  replicate:
    "replicate JobId={jobId:u} Job={job:name} address={address:s} port={port:u} ssl={ssl:u} Authorization={authorization:s100}\n",
  /** The form of 13.2. */
  replicateOld:
    "replicate Job={job:name} address={address:s} port={port:u} ssl={ssl:u} Authorization={authorization:s100}\n",
  /** Options for all plugins. */
  pluginOptions: "pluginoptions {options:words}\n",
  /** Asks for the command that erases files securely. */
  getSecureEraseCommand: "getSecureEraseCmd\n",
  /** Looks up a host name. */
  resolve: "resolve {host:s}",
  /** Limits a job, or with an empty name all of them. */
  setBandwidth: "setbandwidth={bytesPerSecond:d} Job={job:name}\n",
  /** Debugging; negative values leave things as they are. */
  setDebug: "setdebug={level:d} trace={trace:d}[ timestamp={timestamp:d}]\n",
  /** Whether an autochanger may choose a drive. */
  setDevice: "setdevice device={device:name} autoselect={autoSelect:d}",
  /** The same of Bacula: a device may be used again. */
  enable: "enable {device:name} drive={drive:d}",
  /** The same of Bacula: a device may be used no more. */
  disable: "disable {device:name} drive={drive:d}",
  /** Cancels a job by unique name or JobId. */
  cancel: "cancel Job={job:name}\n",
  /** Labels a volume. `AppendOnly` as in a volume record. */
  label:
    "label {device:name} VolumeName={volume:name} PoolName={pool:name} MediaType={mediaType:name} Slot={slot:d} drive={drive:d}[ MinBlocksize={minBlockSize:u} MaxBlocksize={maxBlockSize:u}][ AppendOnly={appendOnly:u}]",
  /** Labels a volume anew; with the same name it is truncated. */
  relabel:
    "relabel {device:name} OldName={oldVolume:name} NewName={volume:name} PoolName={pool:name} MediaType={mediaType:name} Slot={slot:d} drive={drive:d}[ MinBlocksize={minBlockSize:u} MaxBlocksize={maxBlockSize:u}][ AppendOnly={appendOnly:u}]",
  /** Reads the label of what is in a slot. */
  readLabel: "readlabel {device:name} Slot={slot:d} drive={drive:d}",
  /** Mounts a device. */
  mount: "mount {device:name} drive={drive:d}[ slot={slot:d}]",
  /** Unmounts a device. */
  unmount: "unmount {device:name} drive={drive:d}",
  /** Releases a device. */
  release: "release {device:name} drive={drive:d}",
  /** Moves a volume from slot to slot. */
  autochangerTransfer: "autochanger transfer {device:name} {source:d} {destination:d} \n",
  /** `drives` and `slots`. */
  autochangerCount: "autochanger {what:s} {device:name}",
  /** `list` and `listall`. */
  autochangerList: "autochanger {what:s} {device:name} \n",
  /** Status for people, of these devices. */
  status: "status {devices:words}\n",
  /** Status for programs. */
  dotStatus: ".status {word:words}\n",
  /** Collected statistics. */
  stats: "stats",
  /** Answer to signals POLL and EOD_POLL. */
  pollOk: "1000 OK\n",
  /** The director's time, in answer to signal BTIME. */
  btime: "btime {microseconds:u}\n",
} as const;

/** What a director says to a storage daemon, apart from answers to catalog requests. */
export const directorToStorage: Messages<typeof DIRECTOR_TO_STORAGE> = messages(
  DIRECTOR_TO_STORAGE,
);

/** The keywords of a storage daemon's commands in matching order: the first prefix wins. */
export const STORAGE_COMMANDS = [
  "autochanger",
  "bootstrap",
  "cancel",
  "finish",
  "JobId=",
  "label",
  "listen",
  "mount",
  "nextrun",
  "passive",
  "pluginoptions",
  "readlabel",
  "relabel",
  "release",
  "resolve",
  "replicate",
  "run",
  "getSecureEraseCmd",
  "setbandwidth=",
  "setdebug=",
  "setdevice",
  "stats",
  "status",
  ".status",
  "unmount",
  "use storage=",
] as const;

/** The texts of {@linkcode storageToDirector}. */
export const STORAGE_TO_DIRECTOR = {
  /** The final reply to the hello. */
  helloOk: "3000 OK Hello\n",
  /** The same with the protocol number of a storage daemon of Bacula, 0 if it has none. */
  helloOkBacula: "3000 OK Hello {number:u}\n",
  /** The final reply after a failed authentication. */
  noGo: "3999 No go\n",
  /** No such command; the session ends. */
  invalidCommand: "3900 Invalid command: {command:text}\n",
  /** A monitor may ask for status only. */
  monitorOnly: "3997 Invalid command for a Director with Monitor directive enabled.\n",
  /** The job's ids and its session key. */
  jobIdOk: "3000 OK Job SDid={sdId:u} SDtime={sdTime:u} Authorization={authorization:s100}\n",
  jobIdBad: "3915 Bad Job command. stat={status:d} CMD: {command:text}\n",
  /** The device reserved; `JustInTime Device` if that is put off until data arrives. */
  useDeviceOk: "3000 OK use device device={device:name}\n",
  useDeviceRefused:
    '3924 Device "{device:q}" not in SD Device resources or no matching Media Type.\n',
  useBad: "3913 Bad use command: {command:text}\n",
  bootstrapOk: "3000 OK bootstrap\n",
  bootstrapBad: "3904 Error bootstrap\n",
  passiveClientOk: "2000 OK passive client\n",
  passiveClientBad: "3991 Bad passive client command: {command:text}\n",
  /** The key of the next data session of an NDMP job. */
  nextRunOk: "3000 OK Job Authorization={authorization:s100}\n",
  replicateOk: "3000 OK replicate\n",
  replicateBad: "3991 Bad replicate command: {command:text}\n",
  pluginOptionsOk: "2000 OK plugin options\n",
  pluginOptionsBad: "3991 Bad plugin options command: {command:text}\n",
  getSecureEraseCommandOk: "2000 OK SDSecureEraseCmd {command:text} \n",
  setBandwidthOk: "2000 OK Bandwidth\n",
  setBandwidthUnknown: "2901 Job {job:s} not found.\n",
  setBandwidthBad: "2991 Bad setbandwidth command: {command:text}\n",
  setDebugOk:
    "3000 OK setdebug={level:d} trace={trace:d} timestamp={timestamp:d} tracefile={traceFile:text}\n",
  setDebugOkShort: "3000 OK setdebug={level:d} tracefile={traceFile:text}\n",
  setDebugBad: "3991 Bad setdebug command: {command:text}\n",
  setDeviceOk: "3000 OK setdevice={device:s} autoselect={autoSelect:d}\n",
  setDeviceBad: "3991 Bad setdevice command: Device not found: {device:text}\n",
  cancelOk: '3000 JobId={jobId:u} Job="{job:q}" marked to be canceled.\n',
  jobNotFound: "3904 Job {job:s} not found.\n",
  cancelBad: "3903 Error scanning cancel command.\n",
  /** The volume was labelled; `files` is missing in old answers. */
  labelOk:
    '3000 OK label.[ VolFiles={files:u}] VolBytes={bytes:u}[ VolABytes={adataBytes:u} VolType={volumeType:u}] Volume="{volume:q}" Device={device:text}\n',
  labelOpenFailed: "3910 Unable to open device {device:q}: ERR={why:text}\n",
  labelExists: '3920 Cannot label Volume because it is already labeled: "{volume:q}"\n',
  labelWrongVolume: "3921 Wrong volume mounted.\n",
  labelForeign: "3922 Cannot relabel an ANSI/IBM labeled Volume.\n",
  labelFailed: "3912 Failed to label Volume: ERR={why:text}\n",
  labelUnknown: "3913 Cannot label Volume. Unknown status {status:d} from ReadVolumeLabel()\n",
  labelNoMedia: "3914 Failed to label Volume (no media): ERR={why:text}\n",
  /** The device is not there; quoted in most answers, plain in those to `mount`. */
  deviceNotFound: '3999 Device "{device:q}" not found or could not be opened.\n',
  deviceNotFoundPlain: "3999 Device {device:q} not found or could not be opened.\n",
  scanFailed: "3903 Error scanning {command:q} command: {text:text}\n",
  readLabelOk: "3001 Volume={volume:s} Slot={slot:d}\n",
  readLabelFailed: "3902 Cannot mount Volume on Storage Device {device:q} because:\n{why:text}",
  scanFailed3909: "3909 Error scanning {command:q} command: {text:text}\n",
  mountRequested: "3001 OK mount requested. Device={device:text}\n",
  mountRequestedNoSlot: "3001 OK mount requested. Specified slot ignored. Device={device:text}\n",
  mounted: '3001 Device {device:q} is mounted with Volume "{volume:q}"\n',
  mountedAlready: '3001 Device {device:q} is already mounted with Volume "{volume:q}"\n',
  mountedVolume: "3001 Mounted Volume: {volume:text}\n",
  mountOpenFailed: "3901 Unable to open device {device:q}: ERR={why:text}\n",
  mountNoVolume:
    "3905 Device {device:q} open but no Bareos volume is mounted.\nIf this is not a blank tape, try unmounting and remounting the Volume.\n",
  mountAcquiring: "3001 Device {device:q} is doing acquire.\n",
  mountLabeling: "3903 Device {device:q} is being labeled.\n",
  mountReleasing: "3930 Device {device:q} is being released.\n",
  mountDone: "3002 Device {device:q} is mounted.\n",
  mountFile: "3906 File device {device:q} is always mounted.\n",
  mountUnknown: "3905 Unknown wait state {state:d}\n",
  mountError: "3907 {text:text}",
  unmountDone: "3002 Device {device:q} unmounted.\n",
  unmountWaiting: "3001 Device {device:q} unmounted.\n",
  unmountedAlready: "3901 Device {device:q} is already unmounted.\n",
  unmountAcquiring: "3902 Device {device:q} is busy in acquire.\n",
  releaseDone: "3022 Device {device:q} released.\n",
  releasedAlready: "3921 Device {device:q} already released.\n",
  releaseWaiting: "3922 Device {device:q} waiting for {what:q}.\n",
  releaseAcquiring: "3923 Device {device:q} is busy in acquire.\n",
  releaseLabeling: "3914 Device {device:q} is being labeled.\n",
  scanFailed3927: "3927 Error scanning {command:q} command: {text:text}\n",
  scanFailed3908: "3908 Error scanning {command:q} command: {text:text}\n",
  busyUnmounted: "3931 Device {device:q} is BLOCKED. user unmounted.\n",
  busyUnmountedWaiting:
    "3932 Device {device:q} is BLOCKED. user unmounted during wait for media/mount.\n",
  busyWaiting: "3933 Device {device:q} is BLOCKED waiting for media.\n",
  busyInitializing: "3934 Device {device:q} is being initialized.\n",
  busyLabeling: "3935 Device {device:q} is blocked labeling a Volume.\n",
  busyUnknown: "3935 Device {device:q} is blocked for unknown reason.\n",
  busyReading: "3936 Device {device:q} is busy reading.\n",
  busyWriting: "3937 Device {device:q} is busy with writers={writers:d} reserved={reserved:d}.\n",
  autochangerDrives: "drives={drives:d}\n",
  autochangerSlots: "slots={slots:d}",
  autochangerListing: '3306 Issuing autochanger "{what:q}" command.\n',
  autochangerTransferring: "3306 Issuing autochanger transfer command.\n",
  autochangerTransferred:
    "3308 Successfully transferred volume from slot {source:d} to {destination:d}.\n",
  autochangerNone: "3993 Device {device:q} not an autochanger device.\n",
  autochangerNotPart: "3998 Device {device:q} is not an autochanger.\n",
  autochangerPipeFailed: "3996 Open bpipe failed.\n",
  autochangerError: "3998 Autochanger error: ERR={why:text}\n",
  statusNoArgument: "3900 No arg in {command:q} command: {text:text}\n",
  statusUnknown: "3900 Unknown arg in .status command: {text:text}\n",
  dotStatusOk: "3000 OK .status\n",
  /** A line of `.status current` and `.status last`. */
  jobStatus: "JobId={jobId:u} JobStatus={status:s1} JobErrors={errors:u}\n",
  /** One sample of a device; the time, in brackets, is in UNIX seconds. */
  deviceStats:
    "Devicestats {time:q}: Device={device:q} Read={read:u}, Write={write:u}, SpoolSize={spoolSize:u}, NumWaiting={waiting:u}, NumWriters={writers:u}, ReadTime={readTime:u}, WriteTime={writeTime:u}, MediaId={mediaId:u}, VolBytes={volBytes:u}, VolFiles={volFiles:u}, VolBlocks={volBlocks:u}\n",
  /** One sample of a job. */
  jobStats:
    "Jobstats {time:q}: JobId={jobId:u}, JobFiles={files:u}, JobBytes={bytes:u}, DevName={device:q}\n",
  /** Alerts of a tape drive. */
  tapeAlerts: "Tapealerts {time:q}: Device={device:q} TapeAlert={flags:u}\n",
  statsOk: "2000 OK statistics\n",
  /** The status of a job changed; a character code. Bacula names the JobId. */
  status: "Status[ Job={job:name}][ JobId={jobId:u}] JobStatus={status:d}\n",
  /** The data connection of a job is there. */
  jobStart: "3010 Job {job:name} start\n",
  /** The job is done, as seen by the storage daemon; status is a character code. Bacula adds a text. */
  jobEnd:
    "3099 Job {job:name} end JobStatus={status:d} JobFiles={jobFiles:u} JobBytes={jobBytes:u} JobErrors={jobErrors:u}[ ErrMsg={errorMessage:words}]\n",
  /** A host name was found. */
  resolveOk: "{daemon:q} resolves {host:s} to {addresses:text}\n",
  /** A host name was not found. */
  resolveFailed: "{daemon:q}: Failed to resolve {host:text}\n",
} as const;

/** What a storage daemon says to a director, apart from catalog requests. */
export const storageToDirector: Messages<typeof STORAGE_TO_DIRECTOR> = messages(
  STORAGE_TO_DIRECTOR,
);
