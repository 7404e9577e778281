import { join } from "node:path";
import { RawConnection, startChild } from "@otel-health/testkit";
import { describe, expect, it, onTestFinished } from "vitest";

const start = async () => {
  const child = await startChild({
    command: process.execPath,
    args: [join(import.meta.dirname, "lone-server.ts")],
    ready: /port/,
  });
  // Also where the test runs out of time because it did not end by itself.
  onTestFinished(async () => void (await child.stop()));
  const said: { port: number; loaded: readonly string[] } = JSON.parse(child.stdout[0] ?? "");
  return { child, ...said };
};

describe("a process that serves probes by listenHealth", () => {
  it("ends by itself while clients are connected", async () => {
    const { child, port } = await start();
    using silent = new RawConnection(port);
    using halfway = new RawConnection(port);
    using prober = new RawConnection(port, "::1");
    await silent.connected();
    halfway.send("GET /livez HTTP/1.1\r\nHost: a\r\n");
    const probe = () => prober.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").response();
    expect((await probe()).status).toBe(200);
    child.endInput();
    // Without a pause: the connection would be kept for as long as the process lives.
    const ended = probeUntilItFails(probe);
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(child.stderr).toEqual([]);
    await ended;
  });

  it("has not loaded undici", async () => {
    const { loaded } = await start();
    expect(loaded).toEqual([]);
  });
});

async function probeUntilItFails(probe: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await probe();
    } catch {
      return;
    }
  }
}
