/** How a client is spoken to: under TLS from the start, or in the clear until the challenge. */
export type ClientMode = "tls" | "cleartext";
