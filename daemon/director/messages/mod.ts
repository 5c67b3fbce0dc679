/**
 * Where messages of jobs and of the director go (catalog-and-jobs.md 23): `message_router.ts` knows
 * the destinations, a `message_channel.ts` is one job's way to them, consoles find theirs in
 * `console_messages.ts`.
 *
 * @module
 */
export { MessageChannel } from "./message_channel.ts";
export { MessageRouter } from "./message_router.ts";
