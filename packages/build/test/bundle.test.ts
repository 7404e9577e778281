import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bundle } from "@otel-health/build";
import { describe, expect, it, onTestFinished } from "vitest";

/** A package of two entry points, bundled. */
async function bundled(files: { readonly [file: string]: string }): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "otel-health-build-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [file, text] of Object.entries({ "package.json": '{ "type": "module" }', ...files })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const exports = { ".": "./src/index.ts", "./sub": "./src/sub/index.ts", "./data.json": "./data.json" };
  await bundle({ folder, manifest: { name: "bundled", version: "1.0.0", exports } });
  return folder;
}

const sources = {
  "src/shared.ts": "export class Shared {}",
  "src/index.ts":
    'import { join } from "node:path"; export { Shared } from "./shared.ts"; export const path = join("a", "b");',
  "src/sub/index.ts": 'export { Shared } from "../shared.ts"; export const sub: number = 1;',
};

describe("bundle", () => {
  it("makes modules that share what both entry points import, of either kind", async () => {
    const dist = join(await bundled(sources), "dist");
    const load = createRequire(join(dist, "index.cjs"));
    const required = [load("./index.cjs"), load("./sub/index.cjs")];
    const imported = [await import(join(dist, "index.js")), await import(join(dist, "sub/index.js"))];
    for (const [main, sub] of [required, imported]) {
      expect(main.path).toBe(join("a", "b"));
      expect(sub.sub).toBe(1);
      expect(main.Shared).toBe(sub.Shared);
    }
    expect(required[0].Shared).not.toBe(imported[0].Shared);
  });

  it("leaves other packages out, of which an application has a copy of its own", async () => {
    const folder = await bundled({
      "node_modules/other/index.js": "export const other = 1;",
      "src/index.ts": 'export { other } from "other";',
      "src/sub/index.ts": 'export * as other from "other";',
    });
    expect(readFileSync(join(folder, "dist/index.js"), "utf8")).toMatch(/from "other"/);
    expect(readFileSync(join(folder, "dist/index.cjs"), "utf8")).toMatch(/require\("other"\)/);
  });

  it("copies declarations for CommonJS, which refer to each other and to other packages as before", async () => {
    const declarations = [
      'import type { Clock } from "@otel-health/core";',
      'import "./effect.ts";',
      'export { type A, B } from "../a/b.ts";',
      'export declare const c: import("./c.ts").C;',
      'export declare const file: "./is-no-specifier.ts";',
    ].join("\n");
    const folder = await bundled({ ...sources, "dist/deep/x.d.ts": declarations });
    expect(readFileSync(join(folder, "dist/deep/x.d.cts"), "utf8").split("\n")).toEqual([
      'import type { Clock } from "@otel-health/core";',
      'import "./effect.cts";',
      'export { type A, B } from "../a/b.cts";',
      'export declare const c: import("./c.cts").C;',
      'export declare const file: "./is-no-specifier.ts";',
    ]);
    expect(readFileSync(join(folder, "dist/deep/x.d.ts"), "utf8")).toBe(declarations);
  });
});
