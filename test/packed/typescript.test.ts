import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { consumer, entryPoints } from "./consumer.ts";

const sources = join(import.meta.dirname, "consumer-types");
const compilers = { "typescript-5.9": "5.9.3", "typescript-6": "6.0.3", "typescript-7": "7.0.2" };

/** Every declaration of what we publish and what it needs is checked, with no `lib` that such a service may lack. */
const strictest = { noEmit: true, strict: true, skipLibCheck: false, lib: ["es2022"], target: "es2022" };

const resolutions = {
  nodenext: { module: "nodenext" },
  node16: { module: "node16" },
  bundler: { module: "preserve", moduleResolution: "bundler" },
};

/** What @types/koa is written for: release 2, which Express 5.3 needs, has types of its own that it does not know. */
const forKoa = { "content-disposition": "1.0.1" };

/**
 * NestJS 12 is an ES module. Node 22 lets CommonJS require it, which the resolutions of its time and before don't know: there
 * its own declarations cannot be imported from CommonJS, ours or not.
 */
const forEsOnly = "@otel-health/nestjs";

/** What an application has beside the packages: the oldest that go together, and the newest. */
const applications = {
  oldest: {
    dependencies: {
      ...forKoa,
      "@opentelemetry/api": "1.9.0",
      "@types/express": "5.0.0",
      "@types/koa": "2.14.0",
      "@types/node": "22.16.0",
    },
    exactOptionalPropertyTypes: false,
  },
  newest: {
    dependencies: {
      ...forKoa,
      "@opentelemetry/api": "1.10.0",
      "@types/express": "5.0.6",
      "@types/koa": "3.0.3",
      "@types/node": "26.6.6",
    },
    exactOptionalPropertyTypes: true,
  },
};

/** What the compiler has to say of all files of a folder that end so; empty where all is well. */
async function complaints(
  folder: string,
  compiler: string,
  extensions: readonly string[],
  options: object,
  exclude: readonly string[] = [],
) {
  const name = `tsconfig.${compiler}-${extensions.join("-")}-${Object.values(options).join("-")}.json`;
  const include = extensions.map((extension) => `*.${extension}`);
  // Where nothing has changed since the last run, the compiler knows its answer.
  const compilerOptions = {
    ...strictest,
    types: ["node"],
    incremental: true,
    tsBuildInfoFile: `${name}.info`,
    ...options,
  };
  writeFileSync(join(folder, name), JSON.stringify({ compilerOptions, include, exclude }));
  const tsc = join(folder, "node_modules", compiler, "bin/tsc");
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", name], { cwd: folder }).catch((e) => e);
  return stdout;
}

describe.each(Object.entries(applications))("a TypeScript application with the %s types", (age, application) => {
  let folder = "";
  beforeAll(async () => {
    const aliases = Object.entries(compilers).map(([name, version]) => [name, `npm:typescript@${version}`]);
    folder = await consumer(`types-${age}`, { ...application.dependencies, ...Object.fromEntries(aliases) });
    const imported = (names: readonly string[]) =>
      names.map((entryPoint, i) => `import * as entry${i} from "${entryPoint}";\nvoid entry${i};`).join("\n");
    for (const extension of ["mts", "cts", "ts"]) {
      writeFileSync(
        join(folder, `entry-points.${extension}`),
        imported(entryPoints.filter((name) => name !== forEsOnly)),
      );
      writeFileSync(join(folder, `es-only.${extension}`), imported([forEsOnly]));
      for (const file of ["usage", "misuse"])
        writeFileSync(join(folder, `${file}.${extension}`), readFileSync(join(sources, `${file}.ts`)));
    }
  }, 180_000);

  const { exactOptionalPropertyTypes } = application;
  describe.each(Object.keys(compilers))("and %s", (compiler) => {
    it.each(Object.entries(resolutions))("compiles as ES and as CommonJS modules, by %s", async (_, options) => {
      const exclude = options.module === "node16" ? ["es-only.cts"] : [];
      const found = await complaints(
        folder,
        compiler,
        ["mts", "cts"],
        { ...options, exactOptionalPropertyTypes },
        exclude,
      );
      expect(found).toBe("");
    });
  });

  it("compiles by the resolver that knows no exports", async () => {
    const options = { module: "commonjs", moduleResolution: "node10", esModuleInterop: true };
    expect(await complaints(folder, "typescript-5.9", ["ts"], options)).toBe("");
  });
});

describe("the application that is compiled", () => {
  it("uses every function of the packages that it imports", async () => {
    const usage = readFileSync(join(sources, "usage.ts"), "utf8");
    for (const entryPoint of entryPoints.filter((entryPoint) => usage.includes(`"${entryPoint}"`))) {
      for (const name of Object.keys(await import(entryPoint)))
        expect(usage, `${name} of ${entryPoint}`).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });
});
