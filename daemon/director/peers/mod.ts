/**
 * The director's ends of the conversations with file daemons and storage daemons
 * (director-client.md, storage-daemon.md 3): connecting (`daemon_connections.ts`), a job's session
 * with each (`client_job.ts`, `storage_job.ts`), what they ask of the catalog meanwhile
 * (`catalog_requests.ts`) and the attributes they deliver (`attribute_receiver.ts`).
 *
 * @module
 */
export { AttributeReceiver } from "./attribute_receiver.ts";
export {
  LAST_FILE_INDEX,
  makeBootstrap,
  splitBootstrap,
  writeBootstrapBlocks,
} from "./bootstrap.ts";
export { AFTER_FAILURE_MS, cancelAtDaemons } from "./cancel_daemons.ts";
export { ClientJob, levelKeyword } from "./client_job.ts";
export { type ClientMode, ClientProbes } from "./client_probes.ts";
export { type StorageFlavour, StorageProbes, type StorageWay } from "./storage_probes.ts";
export {
  callerOf,
  connectClient,
  connectStorage,
  CONSOLE_PATIENCE,
  encryptionOf,
  handshakeText,
} from "./daemon_connections.ts";
export { createEstimate } from "./estimate.ts";
export { fileSetDigest } from "./fileset_digest.ts";
export { compressionOf, fileSetValues } from "./fileset_lines.ts";
export { stopDaemons } from "./stop_daemons.ts";
export { StorageJob } from "./storage_job.ts";
export { type WaitingClient, WaitingClients } from "./waiting_clients.ts";
