/**
 * Directives that are read and kept, but that no part of the program obeys. One that
 * asks for something gives a warning; one whose wish holds anyway says nothing.
 * `tests/directives_test.ts` holds both tables against the code.
 *
 * @module
 */
import type { ProgramName } from "./resources.ts";

/** Names of directives by program and type of resource. */
export type DirectiveNames = Readonly<
  Record<ProgramName, Readonly<Record<string, readonly string[]>>>
>;

const job = [
  "DirPluginOptions",
  "FileHistorySize",
  "SaveFileHistory",
  "SdPluginOptions",
];

/** Destinations of messages that only a director serves. */
const directorOnly = [
  ...["Catalog", "Console", "Mail", "MailOnError", "MailOnSuccess", "Operator"],
];

/** What asks for something that is not done: a warning tells so. */
export const withoutEffect: DirectiveNames = {
  director: {
    Director: [
      "EnableKtls",
      "KeyEncryptionKey",
      "NdmpLogLevel",
      "NdmpNamelistFhinfoSetZeroForInvalidUquad",
      "NdmpSnooping",
      "PluginDirectory",
      "PluginNames",
    ],
    Client: [
      "AuthType",
      "NdmpBlockSize",
      "NdmpLogLevel",
      "NdmpUseLmdb",
      "Username",
    ],
    Job: job,
    JobDefs: job,
    Storage: [
      "AuthType",
      "NdmpChangerDevice",
      "PairedStorage",
      "Username",
    ],
    Catalog: ["ExitOnFatal"],
    Counter: ["WrapCounter"],
  },
  storage: {
    Storage: [
      "EnableKtls",
      "MaximumNetworkBufferSize",
      "NdmpAddress",
      "NdmpAddresses",
      "NdmpEnable",
      "NdmpLogLevel",
      "NdmpPort",
      "NdmpSnooping",
      "PluginDirectory",
      "PluginNames",
      "VerId",
    ],
    Director: ["KeyEncryptionKey"],
    Ndmp: ["AuthType", "LogLevel", "Username"],
    Messages: directorOnly,
    Device: [
      "AlertCommand",
      "DiagnosticDevice",
      "DriveCryptoEnabled",
      "DriveTapeAlertEnabled",
      "MaximumNetworkBufferSize",
      "MaximumOpenVolumes",
      "QueryCryptoStatus",
      "VolumeCapacity",
    ],
  },
  file: {
    Client: [
      "EnableKtls",
      "GrpcModule",
      "MaximumNetworkBufferSize",
      "PluginDirectory",
      "VerId",
    ],
    Messages: directorOnly,
  },
  console: {},
};

/**
 * What needs nothing to be done: it is so in any case, it speaks of tape drives only, or it
 * tunes a part that is built in another way here.
 */
export const withoutNeed: DirectiveNames = {
  director: {
    Director: ["ScriptsDirectory"],
    Job: ["AllowHigherDuplicates"],
    JobDefs: ["AllowHigherDuplicates"],
    Storage: ["CacheStatusInterval"],
    // A catalog has one connection, and one more for long reads; each is checked when it is used.
    Catalog: [
      "DisableBatchInsert",
      "IdleTimeout",
      "IncConnections",
      "MaxConnections",
      "MinConnections",
      "MultipleConnections",
      "ValidateTimeout",
    ],
  },
  storage: {
    // The kinds of devices are built in: there is nothing to load from a folder.
    Storage: ["BackendDirectory", "ScriptsDirectory"],
    Device: [
      "AutomaticMount",
      "BackwardSpaceFile",
      "BackwardSpaceRecord",
      "BsfAtEom",
      "CheckLabels",
      "CloseOnPoll",
      "EofOnErrorIsEot",
      "FastForwardSpaceFile",
      "ForwardSpaceFile",
      "ForwardSpaceRecord",
      "HardwareEndOfFile",
      "HardwareEndOfMedium",
      "LabelType",
      "MaximumRewindWait",
      "MinimumBlockSize",
      "NoRewindOnClose",
      "OfflineOnUnmount",
      "RandomAccess",
      "TwoEof",
      "UseMtiocget",
    ],
  },
  file: {
    // The accurate list is kept in little memory whatever its length.
    Client: ["AlwaysUseLmdb", "LmdbThreshold", "ScriptsDirectory"],
  },
  console: {},
};
