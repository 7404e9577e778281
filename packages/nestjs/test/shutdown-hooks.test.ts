import { join } from "node:path";
import { RawConnection, startChild, until } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";

async function statusOf(port: number, path: string): Promise<number> {
  using connection = new RawConnection(port);
  return (await connection.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).response()).status;
}

describe.each(["Express", "Fastify"])("enableShutdownHooks on %s", (platform) => {
  it.each([
    [{}, { code: null, signal: "SIGTERM" }],
    [{ useProcessExit: true }, { code: 0, signal: null }],
  ])("with %o drains on SIGTERM, then destroys the other modules, and ends with %o", async (options, exit) => {
    await using child = await startChild({
      command: process.execPath,
      args: [join(import.meta.dirname, "hooked-process.ts"), platform, JSON.stringify(options)],
      ready: /^listening on \d+$/,
    });
    const port = Number(child.stdout.at(-1)?.split(" ")[2]);
    expect(await statusOf(port, "/readyz")).toBe(200);
    process.kill(child.pid!, "SIGTERM");
    await until(async () => (await statusOf(port, "/readyz")) === 503, { describe: "readiness fails" });
    expect(await statusOf(port, "/livez")).toBe(200);
    expect(await statusOf(port, "/orders")).toBe(200);
    expect(child.stdout.at(-1)).toMatch(/^listening/);
    child.sendLine("advance");
    expect(await child.exited, child.output).toEqual(exit);
    expect(child.stdout.slice(1)).toEqual(["pool destroyed", "pool shut down by SIGTERM"]);
    expect(child.stderr).toEqual([]);
  });
});
