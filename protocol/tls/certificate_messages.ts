/** Certificate, CertificateRequest and CertificateVerify of both versions. @module */
import { X509Certificate } from "node:crypto";
import { Buffer } from "node:buffer";
import { ByteReader, ByteWriter } from "../../bytes/mod.ts";
import { Alert, TlsError } from "./alert.ts";
import { tls13, type TlsVersion } from "./cipher_suite.ts";
import {
  decoding,
  ExtensionType,
  formatNumberList,
  numberList,
  numbers,
  readExtensions,
  vector,
  writeExtensions,
} from "./messages.ts";
import { certificateTypes, signatureSchemes } from "./signatures.ts";

const maxCertificate = 0xffffff;
/** Certificates of a chain that are looked at; more are refused. */
const maxChain = 16;

/** Formats the body of a Certificate from certificates in DER, the own first. */
export function formatCertificate(chain: readonly Uint8Array[], version: TlsVersion): Uint8Array {
  const list = new ByteWriter();
  for (const one of chain) {
    writeLength24(list, one.length).bytes(one);
    if (version === tls13) list.u16(0);
  }
  const writer = new ByteWriter();
  if (version === tls13) writer.u8(0);
  return writeLength24(writer, list.length).bytes(list.view()).view();
}

/** Parses the body of a Certificate; an empty chain if the peer has none. */
export function parseCertificateChain(body: Uint8Array, version: TlsVersion): X509Certificate[] {
  const chain = decoding("Certificate", body, (reader) => {
    if (version === tls13) vector(reader, reader.u8(), 0, 0); // the context, which we leave empty
    const list = new ByteReader(vector(reader, length24(reader), 0, maxCertificate));
    const found: Uint8Array[] = [];
    while (list.remaining > 0) {
      found.push(vector(list, length24(list), 1, maxCertificate));
      if (version === tls13 && readExtensions(list).size > 0) {
        throw new TlsError(Alert.unsupportedExtension, "A certificate with what was not asked for");
      }
    }
    return found;
  });
  if (chain.length > maxChain) {
    throw new TlsError(Alert.badCertificate, `The peer sends ${chain.length} certificates`);
  }
  try {
    return chain.map((der) => new X509Certificate(Buffer.from(der)));
  } catch (cause) {
    throw new TlsError(Alert.badCertificate, "The peer's certificate cannot be read", false, {
      cause,
    });
  }
}

/** Formats the body of a CertificateRequest for any authority. */
export function formatCertificateRequest(version: TlsVersion): Uint8Array {
  const schemes = formatNumberList(signatureSchemes, 2);
  if (version === tls13) {
    const extensions = new Map([[ExtensionType.signatureAlgorithms, schemes]]);
    return writeExtensions(new ByteWriter().u8(0), extensions).view();
  }
  return new ByteWriter().u8(certificateTypes.length).bytes(Uint8Array.from(certificateTypes))
    .bytes(schemes).u16(0).view();
}

/** Parses the body of a CertificateRequest; returns the signature schemes that the peer takes. */
export function parseCertificateRequest(body: Uint8Array, version: TlsVersion): readonly number[] {
  return decoding("CertificateRequest", body, (reader) => {
    if (version !== tls13) {
      vector(reader, reader.u8(), 1, 255);
      const schemes = numbers(vector(reader, reader.u16(), 2, 0xfffe));
      vector(reader, reader.u16(), 0, 0xffff); // names of authorities: we have one certificate only
      return schemes;
    }
    vector(reader, reader.u8(), 0, 0);
    const schemes = readExtensions(reader).get(ExtensionType.signatureAlgorithms);
    if (schemes === undefined) {
      throw new TlsError(Alert.missingExtension, "A CertificateRequest without signatures");
    }
    return numberList(schemes, 2);
  });
}

/** A signature and its scheme, as in CertificateVerify and ServerKeyExchange. */
export interface Signed {
  readonly scheme: number;
  readonly signature: Uint8Array;
}

/** Formats a signature. */
export function formatSigned({ scheme, signature }: Signed): Uint8Array {
  return new ByteWriter().u16(scheme).u16(signature.length).bytes(signature).view();
}

/** Parses a CertificateVerify. */
export function parseSigned(body: Uint8Array): Signed {
  return decoding("CertificateVerify", body, readSigned);
}

/** Reads a signature. */
export function readSigned(reader: ByteReader): Signed {
  return { scheme: reader.u16(), signature: vector(reader, reader.u16(), 0, 0xffff) };
}

function writeLength24(writer: ByteWriter, length: number): ByteWriter {
  return writer.u8(length >> 16).u16(length & 0xffff);
}

function length24(reader: ByteReader): number {
  return reader.u8() << 16 | reader.u16();
}
