import { exec } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");

/** A folder in which the packages are installed as their users get them: built, and with the published exports. */
export interface Published extends Disposable {
  readonly folder: string;
}

/**
 * Builds the packages into a temporary folder. Inside the workspace they resolve to their TypeScript sources, which
 * cost Node more to load than what is published.
 */
export async function publish(...names: readonly string[]): Promise<Published> {
  const folder = mkdtempSync(join(tmpdir(), "otel-health-bench-"));
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@opentelemetry"), { recursive: true });
  symlinkSync(realpathSync(join(root, "test/node_modules/@opentelemetry/api")), join(modules, "@opentelemetry/api"));
  for (const name of names) {
    const target = join(modules, "@otel-health", name);
    const source = join(root, "packages", name);
    const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
    // The package's own bundling, elsewhere: another build may be writing its `dist` at this moment.
    const bundle = manifest.scripts.bundle.replaceAll(" dist/", ` ${target}/dist/`);
    const path = [join(source, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
    await promisify(exec)(bundle, { cwd: source, env: { ...process.env, PATH: path } });
    writeFileSync(join(target, "package.json"), JSON.stringify({ ...manifest, ...manifest.publishConfig }));
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Imports a package from a published folder. */
export async function importPublished(folder: string, specifier: string): Promise<unknown> {
  const path = createRequire(join(folder, "package.json")).resolve(specifier);
  return import(pathToFileURL(path).href);
}
