import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type OutputOptions, rolldown } from "rolldown";
import { entryModules } from "./entry-modules.ts";
import type { PublishedPackage } from "./published-packages.ts";

/** Bundles the entry points of a package into `dist`, as ES and as CommonJS modules, beside the declarations of `tsc`. */
export async function bundle({ folder, manifest }: PublishedPackage): Promise<void> {
  const modules = [...entryModules(manifest).values()];
  await using bundle = await rolldown({
    cwd: folder,
    input: Object.fromEntries(modules.map((module) => [module, `./src/${module}.ts`])),
    platform: "node",
    // Of another package, or of Node: everything whose specifier is no path.
    external: /^[^./]/,
  });
  const output = (format: "esm" | "cjs", extension: string): OutputOptions => ({
    dir: join(folder, "dist"),
    format,
    sourcemap: true,
    // The sources are published beside it.
    sourcemapExcludeSources: true,
    entryFileNames: `[name]${extension}`,
    chunkFileNames: `[name]${extension}`,
  });
  await bundle.write(output("esm", ".js"));
  await bundle.write(output("cjs", ".cjs"));
  declareCommonJs(join(folder, "dist"));
}

/** TypeScript takes a `.d.ts` of these packages for one of an ES module: CommonJS needs copies that refer to each other. */
function declareCommonJs(dist: string): void {
  for (const file of globSync("**/*.d.ts", { cwd: dist })) {
    const declarations = readFileSync(join(dist, file), "utf8");
    const copy = declarations.replaceAll(/(?<=\b(?:from |import |import\()"\.{1,2}\/[^"\n]+)\.ts(?=")/g, ".cts");
    writeFileSync(join(dist, file.replace(/\.ts$/, ".cts")), copy);
  }
}
