/** A loaded configuration. @module */
import type { BuiltResources } from "./build.ts";
import type { RawResource } from "./raw_resource.ts";
import type { ProgramName } from "./resources.ts";

/** The resources of one program. */
export class Configuration<Resources extends object = object> {
  readonly program: ProgramName;
  /** The folder that `configure` and exports are relative to. */
  readonly folder: string;
  /** The file, or the folder of files, that was loaded. */
  readonly path: string;
  /** What does not stop a daemon but should be known; each once. */
  readonly warnings: readonly string[];
  readonly #built: BuiltResources;
  readonly #raw: readonly RawResource[];
  #byName: ReadonlyMap<string, object> | undefined;
  #written: ReadonlyMap<string, RawResource> | undefined;

  /** See {@linkcode loadConfiguration}. */
  constructor(
    program: ProgramName,
    place: { readonly folder: string; readonly path: string },
    warnings: readonly string[],
    built: BuiltResources,
    raw: readonly RawResource[],
  ) {
    this.program = program;
    this.folder = place.folder;
    this.path = place.path;
    this.warnings = warnings;
    this.#built = built;
    this.#raw = raw;
  }

  /** Every resource as it was written, in the order of parsing. */
  get written(): readonly RawResource[] {
    return this.#raw;
  }

  /** All resources of a type in the order of parsing. */
  all<T extends keyof Resources & string>(type: T): readonly Resources[T][] {
    return (this.#built.byType.get(type) ?? []) as unknown as readonly Resources[T][];
  }

  /** The resource of a type and a name, compared exactly. */
  get<T extends keyof Resources & string>(type: T, name: string): Resources[T] | undefined {
    this.#byName ??= new Map(
      // The first of a name counts: a map keeps the last.
      [...this.#built.byType].flatMap(([type, resources]) =>
        resources.map((resource) => [keyOf(type, resource.name), resource] as const)
      ).reverse(),
    );
    return this.#byName.get(keyOf(type, name)) as Resources[T] | undefined;
  }

  /** The first resource of a type that there must be one of: the daemon's own, for example. */
  first<T extends keyof Resources & string>(type: T): Resources[T] {
    const [first] = this.all(type);
    if (first === undefined) throw new RangeError(`There is no ${type} resource in ${this.path}`);
    return first;
  }

  /** What was written for a resource, with what it inherited. */
  sourceOf(resource: object): RawResource | undefined {
    return this.#built.rawOf.get(resource);
  }

  /** A resource as it was written, before JobDefs are inherited. */
  writtenOf(type: string, name: string): RawResource | undefined {
    this.#written ??= new Map(
      this.#raw.map((raw) => [keyOf(raw.type, raw.name), raw] as const).reverse(),
    );
    return this.#written.get(keyOf(type, name));
  }
}

const keyOf = (type: string, name: string): string => `${type}\0${name}`;
