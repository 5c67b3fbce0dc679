/** What a configuration must have besides its required directives (configuration.md 4.7). @module */
import {
  certificateSettingsOf,
  chosenSuites,
  SuiteDirectiveError,
  type TlsDirectives,
} from "../../protocol/mod.ts";
import type { Configuration } from "./configuration.ts";
import { deviceKindOf } from "./device_kind.ts";
import { type Position, type Problem, suggestion } from "./errors.ts";
import { programs } from "./programs.ts";
import type { ProgramName, ProgramResources } from "./resources.ts";

const nouns: Readonly<Record<ProgramName, string>> = {
  director: "Director",
  storage: "Storage daemon",
  file: "File daemon",
  console: "Console",
};

/** Adds what is wrong with the configuration as a whole to `problems`, hints to `warnings`. */
export function checkProgram(
  configuration: Configuration,
  problems: Problem[],
  warnings: string[],
): void {
  const add = (message: string, position?: Position): void => {
    problems.push({ message, position });
  };
  for (const [type, { count }] of Object.entries(programs[configuration.program].resources)) {
    const found = configuration.all(type as never).length;
    if (count !== "any" && found === 0) {
      const isSelf = count === "one";
      add(
        `No ${type} resource defined in ${configuration.path}. ` +
          (isSelf
            ? `Without that I don't know who I am :-(`
            : `A ${nouns[configuration.program]} needs at least one.`),
      );
    }
    checkAddresses(configuration, type, add);
    checkSuites(configuration, type, add);
    if (count === "one" && found > 1) {
      add(`Only one ${type} resource permitted in ${configuration.path}`);
    }
  }
  if (configuration.program === "director") checkDirector(typed(configuration, "director"), add);
  if (configuration.program === "storage") {
    checkStorage(typed(configuration, "storage"), add, warnings);
  }
  if (configuration.program === "file") checkFile(typed(configuration, "file"), add);
  if (configuration.program === "console") checkConsole(typed(configuration, "console"), add);
}

function typed<P extends ProgramName>(
  configuration: Configuration,
  _program: P,
): Configuration<ProgramResources[P]> {
  return configuration as unknown as Configuration<ProgramResources[P]>;
}

type Add = (message: string, position?: Position) => void;

/** `Addresses` stands alone (5.7). */
function checkAddresses(configuration: Configuration, type: string, add: Add): void {
  for (const resource of configuration.all(type as never)) {
    const entries = configuration.sourceOf(resource)?.entries;
    for (const prefix of ["", "Ndmp"]) {
      const listed = entries?.get(`${prefix}Addresses`);
      const old = entries?.get(`${prefix}Address`) ?? entries?.get(`${prefix}Port`);
      if (listed !== undefined && old !== undefined) {
        add("the old style addresses cannot be mixed with new style", listed.position);
      }
    }
  }
}

/** What chooses suites and versions of TLS must be understood, and leave some (5.10). */
function checkSuites(configuration: Configuration, type: string, add: Add): void {
  for (const resource of configuration.all(type as never)) {
    const directives: TlsDirectives = resource;
    if (!("tlsEnable" in resource)) continue;
    try {
      chosenSuites(certificateSettingsOf(directives));
    } catch (error) {
      if (!(error instanceof SuiteDirectiveError)) throw error;
      const source = configuration.sourceOf(resource);
      const name = ["TlsProtocol", "TlsCipherSuites", "TlsCipherList"].find((one) =>
        error.message.includes(one.replace(/([a-z])([A-Z])/g, "$1 $2").replace("Tls", "TLS")) &&
        source?.entries.has(one)
      );
      const entry = name === undefined ? undefined : source?.entries.get(name);
      add(error.message, entry?.position ?? source?.position);
    }
  }
}

const alwaysIncrementalDirectives = [
  "AlwaysIncremental",
  "AlwaysIncrementalJobRetention",
  "AlwaysIncrementalKeepNumber",
  "AlwaysIncrementalMaxFullAge",
];

function checkDirector(configuration: Configuration<ProgramResources["director"]>, add: Add): void {
  for (const job of configuration.all("Job")) {
    const position = configuration.sourceOf(job)?.position;
    const isCopy = job.type === "c" || job.type === "g";
    const needsFiles = !isCopy && job.type !== "D" && job.type !== "O";
    for (const key of ["client", "fileSet"] as const) {
      if (job[key] === undefined && (needsFiles || (!isCopy && key === "client"))) {
        add(
          `"${key.toLowerCase()}" directive in Job "${job.name}" resource is required, but not found.`,
          position,
        );
      }
    }
    const hasStorage = job.storage.length > 0 || (job.pool?.storage.length ?? 0) > 0;
    if (!hasStorage && !isCopy) {
      add(`No storage specified in Job "${job.name}" nor in Pool.`, position);
    }
    const entries = configuration.sourceOf(job)?.entries;
    for (const name of alwaysIncrementalDirectives) {
      const value = entries?.get(name)?.value;
      if (value && job.type !== "B") {
        add(`${name} configured in job ${job.name} which is not of job type "backup"`, position);
      }
    }
    for (const { target } of job.runScripts) {
      if (target === "" || target === "%c" || configuration.get("Client", target)) continue;
      add(
        `Could not find config Resource ${target} referenced by a RunScript of Job "${job.name}".` +
          suggestion(target, configuration.all("Client").map(({ name }) => name)),
        position,
      );
    }
    if (job.maxFullConsolidations > 0 && job.type !== "O") {
      add(
        `MaxFullConsolidations configured in job ${job.name} which is not of job type "consolidate"`,
        position,
      );
    }
  }
  checkConsoles(configuration, add);
}

/** Who is checked by PAM has the rights of his User resource, not those of the Console. */
function checkConsoles(configuration: Configuration<ProgramResources["director"]>, add: Add): void {
  const wrong = configuration.all("Console").filter((console) => {
    const given = [...configuration.sourceOf(console)?.entries.keys() ?? []];
    return console.usePamAuthentication && given.some((name) => /Acl$|^Profile$/.test(name));
  });
  const [first] = wrong;
  if (first === undefined) return;
  add(
    "Combining `Use Pam Authentication` with ACL commands or `Profile` in Console(s) " +
      `${wrong.map(({ name }) => `\`${name}\``).join(", ")} is not allowed`,
    configuration.sourceOf(first)?.position,
  );
}

function checkStorage(
  configuration: Configuration<ProgramResources["storage"]>,
  add: Add,
  warnings: string[],
): void {
  for (const device of configuration.all("Device")) {
    const position = configuration.sourceOf(device)?.position;
    const kind = deviceKindOf(device);
    if (typeof kind === "object") add(kind.why, position);
    if (device.driveCryptoEnabled && device.labelMedia) {
      add(
        `LabelMedia enabled is incompatible with tape crypto on Device "${device.name}".`,
        position,
      );
    }
    if (device.autoDeflate !== "" && device.autoDeflateAlgorithm === "") {
      add(
        `Device ${device.name}: If 'AutoDeflate' is set, then 'AutoDeflateAlgorithm' also has to be set.`,
        position,
      );
    }
    if (device.maximumConcurrentJobs === 0) {
      warnings.push(
        `Device ${device.name}: unlimited (0) 'Maximum Concurrent Jobs' reduces the restore performance.`,
      );
    }
    const most = 20_000_000;
    if (device.maximumBlockSize > most) {
      add(
        `Maximum Block Size configured value ${device.maximumBlockSize} is greater than allowed maximum: ${most}`,
        position,
      );
    }
    if (device.count < 1 || device.count >= 10_000) {
      add(
        `Count directive in device "${device.name}" is ${device.count}, but must be in range 1 < Count < 10000.`,
        position,
      );
    }
  }
}

function checkFile(configuration: Configuration<ProgramResources["file"]>, add: Add): void {
  for (const director of configuration.all("Director")) {
    if (!director.connectionFromClientToDirector || director.address !== "") continue;
    add(
      `Director "${director.name}": Connection From Client To Director = yes needs the director's Address.`,
      configuration.sourceOf(director)?.position,
    );
  }
  for (const client of configuration.all("Client")) {
    const isNeeded = client.pkiSignatures || client.pkiEncryption;
    if (!isNeeded || client.pkiKeyPair) continue;
    add(
      `"PKI Key Pair" must be defined for File daemon "${client.name}" in ${configuration.path} ` +
        `if either "PKI Sign" or "PKI Encrypt" are enabled.`,
      configuration.sourceOf(client)?.position,
    );
  }
}

function checkConsole(configuration: Configuration<ProgramResources["console"]>, add: Add): void {
  if (configuration.all("Console").length > 0) return;
  for (const director of configuration.all("Director")) {
    if (!director.password.isSet) {
      add(
        "Password item is required in Director resource (since no Console resource is specified), but not found.",
        configuration.sourceOf(director)?.position,
      );
    }
  }
}
