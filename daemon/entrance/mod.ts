/**
 * Who has connected and is not authenticated yet: how many there may be (`pending_connections.ts`), how
 * failures from one address slow the next one down (`failure_table.ts`), and what is told of it
 * (`complaints.ts`). A connection goes in when it is accepted and comes out when it is admitted, or
 * ends (wire.md 6.6, 9.1, 17).
 *
 * @module
 */
export { Complaints } from "./complaints.ts";
export { FailureTable } from "./failure_table.ts";
export { SerialPause } from "./serial_pause.ts";
export { type Pending, type PendingConnection, PendingConnections } from "./pending_connections.ts";
