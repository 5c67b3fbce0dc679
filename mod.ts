/**
 * Roost's public face as a library.
 *
 * What belongs here is what another program may build on: reading volumes,
 * speaking the protocol, loading a configuration. The program itself is
 * `cli/main.ts`.
 *
 * @module
 */
export {};
