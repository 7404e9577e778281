import { entryModules } from "./entry-modules.ts";
import type { Manifest } from "./published-packages.ts";

/** What the entry points of a package decide about the rest of its package.json. */
export interface PublishFields {
  readonly files: readonly string[];
  readonly publishConfig: object;
}

/** Makes those fields: an ES and a CommonJS build of each entry point, each with declarations of its own. */
export function publishFields({ exports }: Pick<Manifest, "exports">): PublishFields {
  const modules = entryModules({ exports });
  const published = Object.entries(exports).map(([subpath, source]) => {
    const module = modules.get(subpath);
    return [subpath, module === undefined ? source : conditions(module)];
  });
  const asTheyStand = Object.entries(exports)
    .filter(([subpath]) => !modules.has(subpath) && subpath !== "./package.json")
    .map(([, file]) => file.slice(2));
  const main = modules.get(".");
  // Resolvers that know no `exports` (TypeScript's node10) find the entry by these.
  const subpaths = [...modules].filter(([subpath]) => subpath !== ".");
  const typesVersions = Object.fromEntries(
    subpaths.map(([subpath, module]) => [subpath.slice(2), [`./dist/${module}.d.cts`]]),
  );
  return {
    files: ["dist", "src", ...asTheyStand, "!dist/.tsbuildinfo"],
    publishConfig: {
      access: "public",
      ...(main !== undefined && { main: `./dist/${main}.cjs`, types: `./dist/${main}.d.cts` }),
      ...(subpaths.length > 0 && { typesVersions: { "*": typesVersions } }),
      exports: Object.fromEntries(published),
    },
  };
}

/** `types` comes first: the first condition that holds is taken. */
function conditions(module: string): object {
  return {
    import: { types: `./dist/${module}.d.ts`, default: `./dist/${module}.js` },
    require: { types: `./dist/${module}.d.cts`, default: `./dist/${module}.cjs` },
  };
}
