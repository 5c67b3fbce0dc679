/**
 * A catalog in PostgreSQL: the tables of a Bareos director, by a client of the protocol of our own that
 * is synchronous and keeps every byte of a name.
 *
 * {@linkcode PostgresStore} takes the catalog's queries and translates them; {@linkcode PostgresConnection}
 * speaks the protocol over a {@linkcode BlockingSocket}, whose thread does the waiting.
 *
 * @module
 */
export { type Administrator, createCatalog, upgradeCatalog } from "./administration.ts";
export { BlockingSocket, SocketError, type SocketTarget } from "./blocking_socket.ts";
export { type Column, type PostgresAddress, PostgresConnection } from "./connection.ts";
export { ConnectionError, StatementError } from "./errors.ts";
export type { PostgresOptions } from "./opening.ts";
export { PostgresStore } from "./postgres_store.ts";
