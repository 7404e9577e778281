import { join } from "node:path";
import { freePort, kubeProbe, startChild, until } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";

describe("main.ts", () => {
  it("answers probes past its hook and its log, serves while it drains, and exits with 0", async () => {
    const port = await freePort();
    await using service = await startChild({
      command: process.execPath,
      args: [join(import.meta.dirname, "../main.ts")],
      env: { ...process.env, HOST: "127.0.0.1", PORT: String(port), DRAIN_DELAY_MS: "500" },
      ready: /"msg":"ready"/,
    });
    const status = async (path: string) => (await kubeProbe(`http://127.0.0.1:${port}${path}`)).status;
    expect(await Promise.all(["/livez", "/readyz", "/startupz"].map(status))).toEqual([200, 200, 200]);
    expect(service.output).not.toContain("/livez");
    expect(await status("/tea")).toBe(401);
    const headers = { authorization: "me" };
    const tea = await fetch(`http://127.0.0.1:${port}/tea`, { headers });
    expect(await tea.json()).toEqual({ tea: "green" });
    process.kill(Number(service.pid), "SIGTERM");
    await until(async () => (await status("/readyz")) === 503, { describe: "readiness fails" });
    expect(await service.exited, service.output).toEqual({ code: 0, signal: null });
    expect(service.stderr).toEqual([]);
  });
});
