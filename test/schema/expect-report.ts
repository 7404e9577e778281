import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import type { ValidateFunction } from "ajv";

const file = resolve(import.meta.dirname, "../../packages/core/report.schema.json");
let validate: ValidateFunction | undefined;

/** Throws unless `report` is what the published schema says; gives it back. */
export function expectReport(report: unknown): unknown {
  validate ??= compile();
  if (validate(report)) return report;
  throw new Error(
    `a report against the schema: ${JSON.stringify(validate.errors, null, 2)}\n${JSON.stringify(report)}`,
  );
}

/** For those test files that make a report; loading it takes a moment. */
function compile(): ValidateFunction {
  const { Ajv2020 } = createRequire(import.meta.url)("ajv/dist/2020") as typeof import("ajv/dist/2020.js");
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, discriminator: false });
  return ajv.compile(JSON.parse(readFileSync(file, "utf8")));
}
