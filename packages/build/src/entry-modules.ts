import type { Manifest } from "./published-packages.ts";

/**
 * The modules behind the entry points, by subpath: `src/testing/index.ts` is `testing/index`, and so is all that is
 * built of it in `dist`. What is no module, such as a JSON schema, is published as it stands.
 */
export function entryModules({ exports }: Pick<Manifest, "exports">): ReadonlyMap<string, string> {
  const modules = new Map<string, string>();
  for (const [subpath, source] of Object.entries(exports)) {
    const [, module] = /^\.\/src\/(.+)\.ts$/.exec(source) ?? [];
    if (module !== undefined) modules.set(subpath, module);
  }
  return modules;
}
