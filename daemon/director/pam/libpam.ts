/**
 * The system's PAM, `libpam.so.0`: one login at a time, all of it synchronous. It blocks the thread that
 * calls it, so none that has anything else to do calls it.
 *
 * @module
 */
import { decodeText, encodeText } from "../../../bytes/mod.ts";

/** What a module of PAM says in a conversation: it asks for a secret, asks, complains, or informs. */
export type PamStyle = "secret" | "shown" | "error" | "information";

/** Answers a question; what is said to complaints and information is not heard. Throwing ends the login. */
export type PamAnswer = (style: PamStyle, text: string) => string;

/** A login was refused, or PAM cannot be used; the message says why, in the system's words. */
export class PamError extends Error {
  override readonly name = "PamError";
}

/** Which login: of a service, with a user if that is known already. */
export interface PamLogin {
  /** Name of the service: `/etc/pam.d/<service>` says what is asked. */
  readonly service: string;
  /** The user; empty: PAM asks. */
  readonly user: string;
  /** A folder in place of `/etc/pam.d`. */
  readonly folder?: string | undefined;
}

const pamFunctions = {
  pam_start: { parameters: ["buffer", "buffer", "pointer", "buffer"], result: "i32" },
  pam_authenticate: { parameters: ["pointer", "i32"], result: "i32" },
  pam_acct_mgmt: { parameters: ["pointer", "i32"], result: "i32" },
  pam_get_item: { parameters: ["pointer", "i32", "buffer"], result: "i32" },
  pam_strerror: { parameters: ["pointer", "i32"], result: "pointer" },
  pam_end: { parameters: ["pointer", "i32"], result: "i32" },
} as const;

const folderFunctions = {
  pam_start_confdir: {
    parameters: ["buffer", "buffer", "pointer", "buffer", "buffer"],
    result: "i32",
  },
} as const;

const memoryFunctions = {
  calloc: { parameters: ["usize", "usize"], result: "pointer" },
  strdup: { parameters: ["buffer"], result: "pointer" },
} as const;

const pamFiles = ["libpam.so.0", "libpam.2.dylib"];
const systemFiles = ["libc.so.6", "libSystem.B.dylib"];

const success = 0;
const bufferError = 5;
const conversationError = 19;
const userItem = 2;
const disallowNullToken = 1;
const pointerSize = 8;
/** More than any module says at once. */
const messageLimit = 32;
/** Bytes of an answer that modules take. */
const answerLimit = 511;

const styles: readonly (PamStyle | undefined)[] = [
  ...[undefined, "secret", "shown", "error", "information"] as const,
];

function open<const F extends Deno.ForeignLibraryInterface>(
  files: readonly string[],
  functions: F,
): Deno.DynamicLibrary<F>["symbols"] {
  for (const file of files) {
    try {
      return Deno.dlopen(file, functions).symbols;
    } catch {
      // not this one
    }
  }
  throw new PamError(`PAM cannot be used: there is no ${files[0]} on this machine`);
}

const cString = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(encodeText(`${text}\0`));

/**
 * Logs a user in: authenticates, and asks whether the account may be used now.
 * @returns the user's name, as PAM has it in the end
 * @throws {PamError} if the login is refused, or there is no PAM
 */
export function logInByPam({ service, user, folder }: PamLogin, answer: PamAnswer): string {
  const pam = open(pamFiles, pamFunctions);
  const memory = open(systemFiles, memoryFunctions);
  let failure: unknown;
  const callback = new Deno.UnsafeCallback(
    { parameters: ["i32", "pointer", "pointer", "pointer"], result: "i32" },
    (count, messages, responses) => {
      try {
        return converse(memory, { count, messages, responses }, answer);
      } catch (error) {
        failure = error;
        return conversationError;
      }
    },
  );
  try {
    const conversation = new BigUint64Array([
      BigInt(Deno.UnsafePointer.value(callback.pointer)),
      0n,
    ]);
    const handle = new BigUint64Array(1);
    const begun = [cString(service), user === "" ? null : cString(user)] as const;
    const place = Deno.UnsafePointer.of(conversation);
    const started = folder === undefined
      ? pam.pam_start(...begun, place, handle)
      : open(pamFiles, folderFunctions)
        .pam_start_confdir(...begun, place, cString(folder), handle);
    const pointer = Deno.UnsafePointer.create(handle[0] ?? 0n);
    if (started !== success || pointer === null) {
      throw new PamError(`PAM cannot begin with service "${service}" (error ${started})`);
    }
    let status = pam.pam_authenticate(pointer, disallowNullToken);
    if (status === success) status = pam.pam_acct_mgmt(pointer, disallowNullToken);
    try {
      if (failure !== undefined) throw failure;
      if (status !== success) throw new PamError(textAt(pam.pam_strerror(pointer, status)));
      const item = new BigUint64Array(1);
      const found = pam.pam_get_item(pointer, userItem, item);
      const name = textAt(Deno.UnsafePointer.create(item[0] ?? 0n));
      if (found !== success || name === "") throw new PamError("PAM does not tell who logged in");
      return name;
    } finally {
      pam.pam_end(pointer, status);
    }
  } finally {
    callback.close();
  }
}

/** Answers what a module says: the library frees the answers, so they are in its memory. */
function converse(
  memory: Deno.DynamicLibrary<typeof memoryFunctions>["symbols"],
  { count, messages, responses }: {
    readonly count: number;
    readonly messages: Deno.PointerValue;
    readonly responses: Deno.PointerValue;
  },
  answer: PamAnswer,
): number {
  if (messages === null || responses === null || count < 1 || count > messageLimit) {
    return conversationError;
  }
  const list = new Deno.UnsafePointerView(messages);
  const answers = Array.from({ length: count }, (_, number) => {
    const message = list.getPointer(number * pointerSize);
    if (message === null) throw new PamError("PAM says nothing");
    const view = new Deno.UnsafePointerView(message);
    const style = styles[view.getInt32()];
    if (style === undefined) throw new PamError("PAM asks in a way that is not known");
    return answer(style, textAt(view.getPointer(pointerSize)));
  });
  const area = memory.calloc(BigInt(count), BigInt(2 * pointerSize));
  if (area === null) return bufferError;
  const bytes = new BigUint64Array(
    new Deno.UnsafePointerView(area).getArrayBuffer(count * 2 * pointerSize),
  );
  for (const [number, text] of answers.entries()) {
    const copy = memory.strdup(cString(text.replaceAll("\0", "").slice(0, answerLimit)));
    bytes[2 * number] = BigInt(Deno.UnsafePointer.value(copy));
  }
  const into = Deno.UnsafePointerView.getArrayBuffer(responses, pointerSize);
  new BigUint64Array(into)[0] = BigInt(Deno.UnsafePointer.value(area));
  return success;
}

function textAt(pointer: Deno.PointerValue): string {
  if (pointer === null) return "";
  const bytes: number[] = [];
  const view = new Deno.UnsafePointerView(pointer);
  for (let at = 0; at < 1024; at++) {
    const byte = view.getUint8(at);
    if (byte === 0) break;
    bytes.push(byte);
  }
  return decodeText(Uint8Array.from(bytes));
}
