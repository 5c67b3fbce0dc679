/**
 * A directive as data, and the types that follow from it: the name
 * `MaximumConcurrentJobs` of type `uint32` gives resources the member
 * `maximumConcurrentJobs: number`.
 *
 * @module
 */
import type { EnumName } from "./enums.ts";
import type { FileSetBlock } from "./file_set.ts";
import type { Password } from "./password.ts";

/** What a directive holds (configuration.md 5.1). */
export type ValueType =
  | ScalarType
  | ListType
  | BlockType
  | `enum:${EnumName}`
  | `reference:${ReferenceName}`
  | `references:${ReferenceName}`;

/** The types of resources that references point to. */
export type ReferenceName =
  | "Catalog"
  | "Client"
  | "Counter"
  | "Device"
  | "FileSet"
  | "Job"
  | "JobDefs"
  | "Messages"
  | "Pool"
  | "Profile"
  | "Schedule"
  | "Storage";

/** Types of one value. */
export type ScalarType =
  | TextType
  | NumberType
  | "bool"
  | "password"
  | "clearPassword"
  | "address";

/** Texts; unset is the empty text. */
export type TextType = "name" | "strname" | "str" | "dir" | "dirOrCommand";

/** Numbers; unset is 0. Seconds, bytes, bytes per second where the type says so. */
export type NumberType =
  | "int32"
  | "uint32"
  | "uint16"
  | "time"
  | "size"
  | "size32"
  | "speed"
  | "port";

/** Types of many values. */
export type ListType = "strList" | "dirList" | "strnameList" | "acl" | "plugins" | "addresses";

/** Types with a grammar of their own. */
export type BlockType =
  | "include"
  | "exclude"
  | "run"
  | "messages"
  | "shortScript"
  | "runScript";

/** One row of a resource's table. */
export interface Directive {
  /** The canonical spelling, as `show` prints it. */
  readonly name: string;
  /** Other spellings. */
  readonly aliases?: readonly string[];
  readonly type: ValueType;
  /** The default, written as in a configuration file. */
  readonly default?: string;
  /** Whether the resource cannot do without. */
  readonly required?: boolean;
  /** A name in place of `yes` means yes: so Bacula names the changer that a Storage is. */
  readonly isYesByName?: boolean;
  /** The release that deprecated it. */
  readonly deprecated?: string;
  /** One line for the documentation. */
  readonly help: string;
}

/** The member of a resource that holds a directive: `MaximumVolumes` is `maximumVolumes`. */
export type KeyOf<Name extends string> = Name extends `${infer Head}VSS`
  ? `${Uncapitalize<Head>}Vss`
  : Uncapitalize<Name>;

/** The value of a directive in a resource; `Types` says what references and Run lines are. */
export type ValueOf<Row extends Directive, Types> = Row["type"] extends "bool" ? boolean
  : Row["type"] extends NumberType ? number
  : Row["type"] extends TextType | "address" | `enum:${string}` ? string
  : Row["type"] extends "password" | "clearPassword" ? Password
  : Row["type"] extends "addresses" ? readonly SocketAddress[]
  : Row["type"] extends ListType ? readonly string[]
  : Row["type"] extends "include" | "exclude" ? readonly FileSetBlock[]
  : Row["type"] extends "run" ? readonly Types["RunLine" & keyof Types][]
  : Row["type"] extends `references:${infer Name extends keyof Types & string}`
    ? readonly Types[Name][]
  : Row["type"] extends `reference:${infer Name extends keyof Types & string}`
    ? Row extends { readonly required: true } ? Types[Name] : Types[Name] | undefined
  : never;

/** A resource with the members that its table gives it. */
export type ResourceOf<Table extends readonly Directive[], Types> = {
  readonly [
    Row in Table[number] as Row["type"] extends "messages" | "shortScript" | "runScript" ? never
      : KeyOf<Row["name"]>
  ]: ValueOf<Row, Types>;
};

/** Where a daemon listens. */
export interface SocketAddress {
  /** An address or the name of a host; `0.0.0.0` and `::` mean every address. */
  readonly host: string;
  readonly port: number;
}

/** The member of a resource that holds the directive `name`. */
export function keyOf(name: string): string {
  const key = name.endsWith("VSS") ? `${name.slice(0, -3)}Vss` : name;
  return key.charAt(0).toLowerCase() + key.slice(1);
}
