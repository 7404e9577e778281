import { publishFields } from "@otel-health/build";
import { describe, expect, it } from "vitest";

describe("publishFields", () => {
  it("gives each module both builds, and leaves what is no module as it stands", () => {
    const { files, publishConfig } = publishFields({
      exports: {
        ".": "./src/index.ts",
        "./postgres": "./src/postgres/postgres.ts",
        "./report.schema.json": "./schemas/report.schema.json",
        "./package.json": "./package.json",
      },
    });
    expect(files).toEqual(["dist", "src", "schemas/report.schema.json", "!dist/.tsbuildinfo"]);
    expect(publishConfig).toEqual({
      access: "public",
      main: "./dist/index.cjs",
      types: "./dist/index.d.cts",
      typesVersions: { "*": { postgres: ["./dist/postgres/postgres.d.cts"] } },
      exports: {
        ".": {
          import: { types: "./dist/index.d.ts", default: "./dist/index.js" },
          require: { types: "./dist/index.d.cts", default: "./dist/index.cjs" },
        },
        "./postgres": {
          import: { types: "./dist/postgres/postgres.d.ts", default: "./dist/postgres/postgres.js" },
          require: { types: "./dist/postgres/postgres.d.cts", default: "./dist/postgres/postgres.cjs" },
        },
        "./report.schema.json": "./schemas/report.schema.json",
        "./package.json": "./package.json",
      },
    });
  });

  it("names no main entry where there is none, as in a package of subpaths", () => {
    const { publishConfig } = publishFields({ exports: { "./redis": "./src/redis.ts" } });
    expect(publishConfig).not.toHaveProperty("main");
    expect(publishConfig).not.toHaveProperty("types");
  });
});
