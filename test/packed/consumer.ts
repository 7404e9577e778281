import { execFile } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { entryModules, publishedPackages } from "@otel-health/build";
import { project } from "../fixtures/packed.ts";

/** What an application imports or requires: every entry point of every published package that is a module. */
export const entryPoints: readonly string[] = publishedPackages().flatMap(({ manifest }) =>
  [...entryModules(manifest).keys()].map((subpath) => join(manifest.name, subpath)),
);

/**
 * An application outside the workspace with every published package, what these ask for beside them, and `more`. The
 * files of the folder `consumer` are in it.
 */
export async function consumer(name: string, more: { readonly [dependency: string]: string } = {}): Promise<string> {
  const manifests = publishedPackages().map(({ manifest }) => manifest);
  const folder = await project(name, {
    type: "commonjs",
    dependencies: {
      ...Object.assign({}, ...manifests.map(({ peerDependencies }) => peerDependencies)),
      ...Object.fromEntries(manifests.map((manifest) => [manifest.name, "packed"])),
      ...more,
    },
  });
  cpSync(join(import.meta.dirname, "consumer"), folder, { recursive: true });
  return folder;
}

/** What the application prints. Nothing may be on stderr: a warning there is one in every log of every user. */
export async function play(folder: string, node: string, ...args: readonly string[]): Promise<string> {
  const { NODE_OPTIONS, ...env } = process.env;
  const { stdout, stderr } = await promisify(execFile)(node, args, { cwd: folder, env });
  if (stderr !== "") throw new Error(`${args.join(" ")} on ${node} wrote to stderr:\n${stderr}`);
  return stdout;
}
