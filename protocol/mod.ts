/**
 * What the daemons and consoles say to one another, and how.
 *
 * From the bottom: a {@linkcode Transport} carries bytes, a {@linkcode Connection} makes frames of
 * them (wire.md 3), a {@linkcode message} is one line of a conversation described once and both
 * written and read from that description (wire.md 3.3). Conversations begin with a hello
 * ({@linkcode readHello}) and CRAM-MD5 in both directions ({@linkcode authenticateConnector},
 * {@linkcode authenticateAcceptor}); {@linkcode ConsoleSession} is a console's whole conversation.
 *
 * One module a pair holds its messages, one table a direction: `director_file.ts`,
 * `director_storage.ts` with `catalog_request.ts`, `file_storage.ts`, `storage_storage.ts`,
 * `console_director.ts`. Daemons find a command by its keyword in matching order
 * ({@linkcode commandOf}, {@linkcode FILE_COMMANDS}, ...) and read it with the table's entry.
 *
 * @module
 */
export {
  plainAddress,
  type Protection,
  type ProtectionEnd,
  type ReleasedTransport,
  TcpTransport,
  type Transport,
} from "./transport.ts";
export { Connection, type ConnectionOptions, type ReceiveOptions } from "./connection.ts";
export {
  type Frame,
  FRAME_COMPRESSED,
  FRAME_HEADER,
  frameInto,
  headerAt,
  headerInto,
  MAX_FRAME_EXPANDED,
  MAX_FRAME_RECEIVED,
  MAX_FRAME_SENT,
  type MessageFrame,
  type SignalFrame,
} from "./frame.ts";
export { BaculaSignal, Signal, signalName } from "./signal.ts";
export {
  AuthenticationError,
  ConnectionError,
  EmptyConnectionError,
  ProtocolError,
  ReceiveTimeoutError,
} from "./errors.ts";
export {
  type AnyMessage,
  type Fields,
  type FieldValue,
  type Gathered,
  type Message,
  message,
  type Messages,
  messages,
  type Optional,
  type Patterns,
  type Plain,
  recognize,
  type TypeOf,
  type ValueOf,
} from "./message.ts";
export { bashSpaces, MAX_NAME, unbashSpaces } from "./names.ts";
export { makeSessionKey, NO_SESSION_KEY, passwordKey } from "./password.ts";
export {
  type Challenge,
  type CramMechanism,
  cramResponse,
  isReflected,
  isRightResponse,
  makeChallenge,
  parseChallenge,
  variantFor,
} from "./cram_md5.ts";
export { type Environment, Patience, pauseOn, realEnvironment } from "./environment.ts";
export { passwordHint, type PasswordOwner } from "./password_hint.ts";
export {
  authenticateAcceptor,
  authenticateConnector,
  type AuthenticatedPeer,
  type AuthenticationOptions,
} from "./authenticate.ts";
export {
  type AcceptorRole,
  DEFAULT_CONSOLE,
  effectiveFdVersion,
  type Gate,
  type Hello,
  type HelloKind,
  HELLOS,
  hellos,
  identityOfHello,
  parseHello,
  policyTowards,
  readHello,
  type ReadHelloOptions,
  versionNumber,
} from "./hello.ts";
export {
  acceptTlsLate,
  answerTls,
  connectTlsLate,
  decodeIdentity,
  encodeIdentity,
  type FindKey,
  hungUpOnTls,
  type Identity,
  type IdentityType,
  isHangUp,
  type PeerCertificates,
  startTls,
} from "./immediate_tls.ts";
export {
  type CertificateSettings,
  certificateSettingsOf,
  chosenSuites,
  type CipherSuite,
  credentialsFault,
  type HashName,
  type RecordCipher,
  SuiteDirectiveError,
  type SuiteDirectives,
  type SuiteExchange,
  type TlsDirectives,
  TlsError,
  type TlsVersion,
  tlsWarnings,
} from "./tls/mod.ts";
export {
  BACULA_TO_FILE,
  BACULA_TO_STORAGE,
  baculaToFile,
  baculaToStorage,
} from "./bacula_commands.ts";
export { commandOf } from "./dispatch.ts";
export {
  ACCURATE_ENTRY,
  accurateEntry,
  DIRECTOR_TO_FILE,
  directorToFile,
  FILE_COMMANDS,
  FILE_TO_DIRECTOR,
  FILESET_LINE,
  filesetLine,
  fileToDirector,
} from "./director_file.ts";
export {
  DIRECTOR_TO_STORAGE,
  directorToStorage,
  STORAGE_COMMANDS,
  STORAGE_TO_DIRECTOR,
  storageToDirector,
} from "./director_storage.ts";
export {
  type AttributeUpdate,
  CATALOG_ANSWER,
  CATALOG_REQUEST,
  catalogAnswer,
  catalogRequest,
  formatAttributeUpdate,
  JOB_MEDIA_ENTRY,
  jobMediaEntry,
  parseAttributeUpdate,
} from "./catalog_request.ts";
export {
  DATA_COMMANDS,
  DATA_HEADER,
  dataHeader,
  FILE_TO_STORAGE,
  fileToStorage,
  STORAGE_TO_FILE,
  storageToFile,
} from "./file_storage.ts";
export {
  READER_TO_WRITER,
  readerToWriter,
  REPLICATE_COMMANDS,
  WRITER_TO_READER,
  writerToReader,
} from "./storage_storage.ts";
export {
  AUTHENTICATION,
  authentication,
  CONSOLE_TO_DIRECTOR,
  consoleToDirector,
  DIRECTOR_TO_CONSOLE,
  DIRECTOR_TO_WAITING_FILE,
  directorToConsole,
  directorToWaitingFile,
} from "./console_director.ts";
export {
  type AfterAuthentication,
  type ClearEntry,
  clearEntry,
  type ClearHello,
  decideAfterAuthentication,
  TlsPolicy,
  tlsPolicyOf,
} from "./cleartext_policy.ts";
export {
  type KeepAlive,
  keepAliveOf,
  setKeepAlive,
  type SocketEnds,
  USUAL_KEEPALIVE,
} from "./keep_alive.ts";
export { dial, type DialOptions, DialPatience } from "./dial.ts";
export { type Reader, receiveFrame, receiveText, sayIfHeard } from "./dialogue.ts";
export { JOB_MESSAGE, JOB_MESSAGE_PREFIX, jobMessage, JobMessageType } from "./job_message.ts";
export {
  isJobCanceled,
  isJobOk,
  JOB_LEVELS,
  JOB_TYPE_TEXT,
  type JobLevelInfo,
  JobStatus,
  jobStatusText,
  jobTypeText,
  mergeJobStatus,
} from "./job_codes.ts";
export { type ConsoleEvent, type ConsoleLogin, ConsoleSession } from "./console_session.ts";
export {
  type Attempt,
  firstWay,
  type KnownWay,
  knownWay,
  nextWay,
  type PeerKind,
  type Reach,
  type ReachablePeer,
  reachSomehow,
  type Refusal,
  type Way,
  type WayName,
} from "./ways.ts";
