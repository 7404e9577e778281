import { readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type PublishedPackage, publishedPackages, publishFields } from "@otel-health/build";
import { describe, expect, it } from "vitest";

const workspace = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../../package.json"), "utf8"));

/** What every published package.json holds: only the name of the folder and the entry points decide. */
function expected({ folder, manifest }: PublishedPackage): object {
  return {
    name: `@otel-health/${basename(folder)}`,
    license: "Apache-2.0",
    repository: workspace.repository && { ...workspace.repository, directory: `packages/${basename(folder)}` },
    type: "module",
    sideEffects: false,
    engines: { node: ">=22.15" },
    scripts: undefined,
    ...publishFields(manifest),
  };
}

describe.each(publishedPackages().map((each) => [each.manifest.name, each] as const))(
  "package.json of %s",
  (_, each) => {
    it("follows from its entry points (UPDATE_PACKAGES=1 writes what does)", () => {
      const { folder } = each;
      if (process.env["UPDATE_PACKAGES"] !== undefined) {
        const updated = { ...each.manifest, ...publishFields(each.manifest) };
        writeFileSync(join(folder, "package.json"), `${JSON.stringify(updated, undefined, 2)}\n`);
      }
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const fields = expected({ folder, manifest });
      expect(Object.fromEntries(Object.keys(fields).map((field) => [field, manifest[field]]))).toEqual(fields);
    });

    it("says what it is, lets itself be read, and takes the application's API", () => {
      const { description, exports, peerDependencies } = each.manifest;
      expect(description).toEqual(expect.any(String));
      expect(exports["./package.json"]).toBe("./package.json");
      expect(peerDependencies).toHaveProperty(["@opentelemetry/api"], "^1.9.0");
    });
  },
);
