/** Looks at the files that TLS directives name, before a peer comes. @module */
import { certificateSettingsOf, credentialsFault, type TlsDirectives } from "../../protocol/mod.ts";
import type { Configuration } from "./configuration.ts";
import { programs } from "./programs.ts";

/** A line for each fault of certificates and keys (wire.md 8.7), with the resource and its place. */
export function tlsFileWarnings(configuration: Configuration): string[] {
  const warnings: string[] = [];
  for (const type of Object.keys(programs[configuration.program].resources)) {
    for (const resource of configuration.all(type as never)) {
      if (!("tlsEnable" in resource)) continue;
      const directives: TlsDirectives & { readonly name: string } = resource;
      if (!directives.tlsEnable) continue;
      const fault = credentialsFault(certificateSettingsOf(directives));
      if (fault === undefined) continue;
      const position = configuration.sourceOf(resource)?.position;
      const place = position === undefined
        ? ""
        : ` on line ${position.line} of file ${position.file}`;
      warnings.push(`${type} "${directives.name}"${place}: ${fault}`);
    }
  }
  return warnings;
}
