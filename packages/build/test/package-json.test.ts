import { readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type PublishedPackage, publishedPackages, publishFields } from "@otel-health/build";
import { describe, expect, it } from "vitest";

const workspace = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../../package.json"), "utf8"));

/** What every published package.json holds, in which only the name of the folder and the entry points differ. */
function expected({ folder, manifest }: PublishedPackage): object {
  return {
    name: `@otel-health/${basename(folder)}`,
    description: expect.any(String),
    license: "Apache-2.0",
    ...(workspace.repository && { repository: { ...workspace.repository, directory: `packages/${basename(folder)}` } }),
    type: "module",
    sideEffects: false,
    engines: { node: ">=22.15" },
    exports: expect.objectContaining({ ".": "./src/index.ts", "./package.json": "./package.json" }),
    peerDependencies: expect.objectContaining({ "@opentelemetry/api": "^1.9.0" }),
    ...publishFields(manifest),
  };
}

describe.each(publishedPackages().map((each) => [each.manifest.name, each] as const))(
  "package.json of %s",
  (_, each) => {
    it("follows from its entry points (UPDATE_PACKAGES=1 writes what does)", () => {
      if (process.env["UPDATE_PACKAGES"] !== undefined) {
        const updated = { ...each.manifest, ...publishFields(each.manifest) };
        writeFileSync(join(each.folder, "package.json"), `${JSON.stringify(updated, undefined, 2)}\n`);
      }
      const manifest = JSON.parse(readFileSync(join(each.folder, "package.json"), "utf8"));
      expect(manifest).toMatchObject(expected({ ...each, manifest }));
      // `toMatchObject` lets more pass; of what is published there is nothing else.
      expect(manifest.publishConfig).toEqual(publishFields(manifest).publishConfig);
    });

    it("needs no script of its own to be built", () => {
      expect(each.manifest["scripts"]).toBeUndefined();
    });
  },
);
