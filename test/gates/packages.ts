import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packed } from "../fixtures/packed.ts";

/** Holds every tarball to what publint and attw know of package managers, bundlers and compilers; no rule is ignored. */
const tools = join(import.meta.dirname, "../node_modules/.bin");

for (const tarball of Object.values(await packed())) {
  for (const [tool, ...args] of [
    ["publint", "run", "--strict"],
    ["attw", "--profile", "strict"],
  ] as const) {
    const { status } = spawnSync(join(tools, tool), [...args, tarball], { stdio: "inherit" });
    if (status !== 0) process.exitCode = 1;
  }
}
