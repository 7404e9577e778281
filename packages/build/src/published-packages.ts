import { globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../..");

/** The parts of a package.json that say what a package is made of. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  /** Where the sources of the entry points are. What is published instead follows from it. */
  readonly exports: { readonly [subpath: string]: string };
  readonly [field: string]: unknown;
}

/** A package that goes to the registry. */
export interface PublishedPackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Every package of the workspace that is not private, by name of the folder. */
export function publishedPackages(): readonly PublishedPackage[] {
  return globSync("packages/*/package.json", { cwd: root })
    .sort()
    .map((file) => ({
      folder: join(root, dirname(file)),
      manifest: JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest,
    }))
    .filter(({ manifest }) => manifest.private !== true);
}
