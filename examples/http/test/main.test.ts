import { join } from "node:path";
import { kubeProbe, startChild, until } from "@otel-health/testkit";
import { startOtlpReceiver } from "@otel-health/testkit/otlp";
import { describe, expect, it } from "vitest";

describe("main.ts", () => {
  it("serves its probes and its teas, traces these alone, and drains on SIGTERM without a word", async () => {
    await using collector = await startOtlpReceiver();
    await using service = await startChild({
      command: process.execPath,
      args: ["--import", "./instrumentation.ts", "main.ts"],
      cwd: join(import.meta.dirname, ".."),
      env: {
        ...process.env,
        DRAIN_DELAY_MS: "300",
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      },
      ready: /^listening on \d+$/,
    });
    const url = `http://127.0.0.1:${service.stdout[0]?.split(" ")[2]}`;
    const status = async (path: string) => (await kubeProbe(`${url}${path}`)).status;
    await until(async () => (await status("/readyz")) === 200, { describe: "readiness" });
    for (const path of ["/livez", "/startupz"]) expect(await status(path)).toBe(200);
    expect(await (await fetch(`${url}/teas`)).json()).toEqual(["green", "black"]);

    process.kill(Number(service.pid), "SIGTERM");
    await until(async () => (await status("/readyz")) === 503, { describe: "readiness 503 while it drains" });
    expect(await service.exited).toEqual({ code: 0, signal: null });
    expect(collector.spans.map(({ name }) => name)).toEqual(["GET"]);
    expect(service.stdout).toHaveLength(1);
    expect(service.stderr).toEqual([]);
  });
});
