/**
 * The TLS directives (configuration.md 5.10), which many resources share.
 *
 * Each row is a directive: what it is called, what it holds, what it means if it
 * is not given. Parsing, defaults, validation, `show`, export and the schema
 * derive from it.
 *
 * @module
 */
import type { Directive } from "../directive.ts";

/** TLS towards one kind of peer. */
export const tlsDirectives = [
  {
    name: "TlsEnable",
    type: "bool",
    default: "yes",
    help: "use TLS (current: PSK or certificates; 13.2: certificates)",
  },
  {
    name: "TlsRequire",
    type: "bool",
    default: "yes",
    help: "refuse connections without TLS; in 13.2 implies TlsEnable",
  },
  {
    name: "TlsAuthenticate",
    type: "bool",
    default: "no",
    deprecated: "26",
    help: "TLS for authentication only, then clear text",
  },
  {
    name: "TlsVerifyPeer",
    type: "bool",
    default: "no",
    help: "check the peer's certificate against address or TlsAllowedCn",
  },
  { name: "TlsCaCertificateFile", type: "dir", help: "PEM file with CA certificates" },
  { name: "TlsCaCertificateDir", type: "dir", help: "directory with CA certificates" },
  { name: "TlsCertificateRevocationList", type: "dir", help: "CRL file" },
  { name: "TlsCertificate", type: "dir", help: "own certificate" },
  { name: "TlsKey", type: "dir", help: "private key of it" },
  { name: "TlsDhFile", type: "dir", help: "Diffie-Hellman parameters" },
  { name: "TlsAllowedCn", type: "strList", help: "permitted common names of peers" },
  { name: "TlsCipherList", type: "str", help: "ciphers up to TLS 1.2" },
  { name: "TlsCipherSuites", type: "str", help: "TLS 1.3 suites" },
  { name: "TlsProtocol", type: "str", help: "OpenSSL Protocol setting" },
] as const satisfies readonly Directive[];
