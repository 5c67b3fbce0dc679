/**
 * Sending mail, as `bsmtp` does for the mail commands of Messages resources: the text comes from standard
 * input and goes to a mail server as it comes, so that its length does not matter.
 *
 * A mail has {@linkcode mailHeaders}, then the lines that a {@linkcode MailBody} makes of the input;
 * {@linkcode sendMail} holds the conversation with the server (RFC 5321).
 *
 * @module
 */
export { MailBody } from "./mail_body.ts";
export { addressIn, type Mail, mailHeaders } from "./mail_headers.ts";
export { connectToServer, MailError, sendMail, type ServerAddress } from "./smtp_client.ts";
