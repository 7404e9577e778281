import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Starts `database.ts` and resolves to its URL. It ends with this process, whose pipe to it breaks. */
export async function startEmbeddedPostgres(): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "database.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
    // Ctrl-C is for the service, which needs its database until it has drained.
    detached: true,
  });
  const [line] = await once(createInterface(child.stdout), "line");
  return String(line).replace("listening on ", "");
}
