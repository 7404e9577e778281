import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { project } from "../fixtures/packed.ts";

/** A folder in which the packages are installed as their users get them: from their tarballs. */
export interface Published {
  readonly folder: string;
}

/**
 * Installs the packages outside the workspace: inside it they resolve to their TypeScript sources, which cost Node more
 * to load than what is published.
 */
export async function publish(): Promise<Published> {
  const folder = await project("bench", {
    dependencies: {
      "@opentelemetry/api": "1.10.0",
      "@otel-health/core": "packed",
      "@otel-health/http": "packed",
      "@otel-health/traffic": "packed",
      "@otel-health/watchdog": "packed",
    },
  });
  writeFileSync(join(folder, "load.js"), "export const load = (specifier) => import(specifier);");
  return { folder };
}

/** Imports a package from a published folder. */
export async function importPublished(folder: string, specifier: string): Promise<unknown> {
  const { load } = await import(pathToFileURL(join(folder, "load.js")).href);
  return load(specifier);
}
