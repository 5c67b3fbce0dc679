import { realEnvironment } from "../../protocol/mod.ts";

/** For authentications whose failures need no patience. */
export const quickEnvironment = { ...realEnvironment, pause: () => Promise.resolve() };
