import { deepEqual, equal, ok } from "node:assert/strict";
import { type Directive, parseConfiguration, programs } from "../../daemon/config/mod.ts";
import { exportedSchema, exportedText } from "./export_configuration.ts";

/** An entry of the schema. */
interface Entry {
  readonly datatype: string;
  readonly code: number;
  readonly equals: boolean;
  readonly alias?: boolean;
  readonly required?: boolean;
  readonly deprecated?: boolean;
  readonly default_value?: string;
  readonly description?: string;
}

const schemaOf = (program: "director" | "storage" | "file" | "console") =>
  JSON.parse(exportedSchema(program)) as {
    readonly "format-version": number;
    readonly component: string;
    readonly version: string;
    readonly resource: Record<string, Record<string, Record<string, Entry>>>;
    readonly datatype?: Record<string, { readonly values: Record<string, unknown> }>;
  };

Deno.test("exportedSchema() has every directive and every alias of every resource", () => {
  for (const program of ["director", "storage", "file", "console"] as const) {
    const schema = schemaOf(program);
    const { component, resources } = programs[program];
    equal(schema["format-version"], 2);
    equal(schema.component, component);
    deepEqual(Object.keys(schema.resource[component] ?? {}), Object.keys(resources));
    for (const [type, { directives }] of Object.entries(resources)) {
      const names = (directives as readonly Directive[])
        .flatMap(({ name, aliases = [] }) => [name, ...aliases]);
      deepEqual(Object.keys(schema.resource[component]?.[type] ?? {}), names);
    }
    equal(schema.datatype === undefined, program !== "director");
  }
});

Deno.test("exportedSchema() says of a directive what the reference's example says", () => {
  const { resource, datatype } = schemaOf("director");
  const client = resource["bareos-dir"]?.Client ?? {};
  const { description: _, ...address } = client.Address ?? {};
  deepEqual(address, { datatype: "STRING", code: 0, equals: true, required: true });
  deepEqual(client.FdAddress, {
    datatype: "STRING",
    code: 0,
    equals: true,
    required: true,
    alias: true,
    description: 'This is an alias for "Address", use "Address" instead.',
  });
  equal(client.Password?.datatype, "AUTOPASSWORD");
  equal(client.FileRetention?.deprecated, true);
  equal(client.Port?.default_value, "9102");
  equal(resource["bareos-dir"]?.FileSet?.Include?.equals, false);
  equal(resource["bareos-dir"]?.Storage?.Device?.datatype, "DEVICE");
  equal(resource["bareos-dir"]?.Director?.Password?.datatype, "MD5PASSWORD");
  ok(datatype?.JOB_TYPE?.values.Consolidate);
  ok(datatype?.OPTIONS?.values.Signature);
  ok(datatype?.RUNSCRIPT?.values.RunsWhen);
});

Deno.test("exportedText() prints a multiplied device once, and what a Job has of its own", () => {
  const storage = parseConfiguration(
    "storage",
    `Storage { Name = s }
     Director { Name = d; Password = p }
     Messages { Name = m; Director = d = all }
     Device { Name = dev; MediaType = File; ArchiveDevice = /v; Count = 3 }`,
  );
  equal(exportedText(storage, ["device"])?.match(/Device \{/g)?.length, 1);
  equal(exportedText(storage, ["autochanger"]), undefined);
  equal(exportedText(storage, ["nonsense"]), undefined);
  const director = parseConfiguration(
    "director",
    `Director { Name = d; Password = p }
     Messages { Name = m; Console = all }
     Client { Name = c; Address = a; Password = p }
     Storage { Name = s; Address = a; Password = p; Device = dev; MediaType = File }
     Pool { Name = p; Storage = s }
     FileSet { Name = f; Include { File = / } }
     JobDefs { Name = defs; Type = Backup; Client = c; FileSet = f; Pool = p; Messages = m
       Priority = 7; Run Before Job = "/bin/inherited" }
     Job { Name = j; JobDefs = defs; Priority = 10
       RunScript { RunsWhen = After; Command = "first" }
       Run After Job = "second" }`,
  );
  equal(
    exportedText(director, ["job", "j"]),
    `Job {
  Name = "j"
  JobDefs = "defs"
  Priority = 10
  RunScript {
    Command = "first"
    RunsWhen = "after"
  }
  RunAfterJob = "second"
}

`,
  );
  equal(exportedText(director, ["job", "k"]), undefined);
});

Deno.test("what exportedText() prints of its own accord gives no warning when it is read back", () => {
  const written = {
    storage: `Storage { Name = s }
Director { Name = d; Password = p }
Device { Name = e; MediaType = File; ArchiveDevice = /tmp }
Messages { Name = m; Director = d = all
}`,
    file: `Client { Name = c }
Director { Name = d; Password = p }
Messages { Name = m; Director = d = all
}`,
  };
  for (const program of ["storage", "file"] as const) {
    const text = exportedText(parseConfiguration(program, written[program]), []) ?? "";
    const again = parseConfiguration(program, text);
    deepEqual(again.warnings, []);
    equal(exportedText(again, []), text);
  }
});
