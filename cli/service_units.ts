/**
 * The texts by which systemd and launchd keep the daemons running, from one
 * table of daemons.
 *
 * @module
 */

/** What may be kept running: one daemon, or `all` of them in one process. */
export type ServiceName = "all" | "dir" | "sd" | "fd";

/** Who keeps it running. */
export type ServiceSystem = "systemd" | "launchd";

/** What a unit says besides the name of its daemon. */
export interface ServiceParts {
  /** Full path of the executable. */
  readonly executable: string;
  /** Full path of the configuration, a folder or a file. */
  readonly config: string;
}

interface Service {
  readonly title: string;
  /** Words between the executable and the configuration. */
  readonly words: readonly string[];
  /** Lines for systemd that take away what this daemon never needs. */
  readonly hardening: readonly string[];
}

/**
 * What hinders nobody: neither the compiler of the runtime, nor backups and restores of whatever
 * file, nor mounts and scripts of jobs. Everything with a mount namespace of its own does.
 */
const harmless = ["LockPersonality=yes", "RestrictRealtime=yes"];
/** For those that neither restore set-user-ID files nor read and write foreign ones. */
const strict = [...harmless, "RestrictSUIDSGID=yes", "RestrictNamespaces=yes", "UMask=0027"];

const services: Readonly<Record<ServiceName, Service>> = {
  all: { title: "director, storage and file daemon", words: ["all"], hardening: harmless },
  dir: { title: "director", words: ["dir", "-f"], hardening: strict },
  sd: { title: "storage daemon", words: ["sd", "-f"], hardening: strict },
  fd: { title: "file daemon", words: ["fd", "-f"], hardening: harmless },
};

/** Every name, in the order of the help. */
export const serviceNames: readonly ServiceName[] = ["all", "dir", "sd", "fd"];

/** A text that every unit holds, and by which it is known to be ours. */
export const serviceMark = "Written by roost service";

/** Where each system looks for units, what they are called, and how their text is made. */
export const serviceSystems: Readonly<
  Record<ServiceSystem, {
    /** The folder for what an administrator installs. */
    readonly folder: string;
    /** The name of a unit's file. */
    readonly fileName: (name: ServiceName) => string;
    /** The text of a unit. */
    readonly text: (name: ServiceName, parts: ServiceParts) => string;
    /** The commands that start it now and at every boot. */
    readonly start: (name: ServiceName, path: string) => readonly string[];
    /** The commands that stop it for good, before the file is removed. */
    readonly stop: (name: ServiceName, path: string) => readonly string[];
  }>
> = {
  systemd: {
    folder: "/etc/systemd/system",
    fileName: (name) => `roost-${name}.service`,
    text: systemdUnit,
    start: (name) => ["systemctl daemon-reload", `systemctl enable --now roost-${name}`],
    stop: (name) => [`systemctl disable --now roost-${name}`],
  },
  launchd: {
    folder: "/Library/LaunchDaemons",
    fileName: (name) => `org.roost.${name}.plist`,
    text: launchdPlist,
    start: (_name, path) => [`launchctl bootstrap system ${path}`],
    stop: (name) => [`launchctl bootout system/org.roost.${name}`],
  },
};

function commandOf(name: ServiceName, { executable, config }: ServiceParts): readonly string[] {
  for (const path of [executable, config]) {
    // deno-lint-ignore no-control-regex
    if (/[\x00-\x1f\x7f]/.test(path)) {
      throw new Error(`${JSON.stringify(path)} cannot be in a unit`);
    }
  }
  return [executable, ...services[name].words, "-c", config];
}

function systemdUnit(name: ServiceName, parts: ServiceParts): string {
  const { title, hardening } = services[name];
  return `# ${serviceMark}
[Unit]
Description=Roost ${title}
Wants=network-online.target
After=network-online.target time-sync.target
RequiresMountsFor=${quoted(parts.config)}

[Service]
Type=simple
ExecStart=${commandOf(name, parts).map((word) => quoted(word).replaceAll("$", "$$$$")).join(" ")}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=10
# A command line or configuration with errors does not get better by itself.
RestartPreventExitStatus=41 42
KillMode=mixed
TimeoutStopSec=60
# A folder for each unit: systemd gives it to the User that the unit has, whom others must not trust.
CacheDirectory=%N
CacheDirectoryMode=0755
Environment=ROOST_CACHE_DIR=%C/%N
${hardening.join("\n")}

[Install]
WantedBy=multi-user.target
`;
}

/** A word of a systemd unit, in which `%` begins a specifier. */
function quoted(word: string): string {
  const literal = word.replaceAll("%", "%%");
  return /^[\w\/.:=+@%-]+$/.test(literal)
    ? literal
    : `"${literal.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function launchdPlist(name: ServiceName, parts: ServiceParts): string {
  const string = (text: string): string =>
    `<string>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</string>`;
  const log = string(`/var/log/roost-${name}.log`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${serviceMark} -->
<plist version="1.0">
<dict>
  <key>Label</key>
  ${string(`org.roost.${name}`)}
  <key>ProgramArguments</key>
  <array>
${commandOf(name, parts).map((word) => `    ${string(word)}`).join("\n")}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>ROOST_CACHE_DIR</key>
    <string>/var/cache/roost</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>60</integer>
  <key>StandardOutPath</key>
  ${log}
  <key>StandardErrorPath</key>
  ${log}
</dict>
</plist>
`;
}
