import { join } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import { startChild, until } from "@otel-health/testkit";
import { startOtlpReceiver } from "@otel-health/testkit/otlp";
import { describe, expect, it, onTestFinished } from "vitest";

const bytes = (buffer: Buffer) => buffer;
const statuses = ["UNKNOWN", "SERVING", "NOT_SERVING"];

describe("main.ts", () => {
  it("serves its health and its teas, traces these alone, and drains on SIGTERM without a word", async () => {
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
    const client = new Client(`127.0.0.1:${service.stdout[0]?.split(" ")[2]}`, credentials.createInsecure());
    onTestFinished(() => client.close());
    const call = (path: string, request: Buffer) =>
      new Promise<Buffer>((resolve, reject) => {
        client.makeUnaryRequest(path, bytes, bytes, request, (error, answer) =>
          error === null ? resolve(answer ?? Buffer.alloc(0)) : reject(error),
        );
      });
    const check = async (name: string) => {
      const answer = await call("/grpc.health.v1.Health/Check", Buffer.from([0x0a, name.length, ...Buffer.from(name)]));
      return statuses[answer[1] ?? 0];
    };
    await until(async () => (await check("")) === "SERVING", { describe: "it serves" });
    expect([await check("teas.v1.Teas"), await check("live")]).toEqual(["SERVING", "SERVING"]);
    expect(String(await call("/teas.v1.Teas/Find", Buffer.from("{}")))).toBe('["green","black"]');

    const told: string[] = [];
    const watching = client.makeServerStreamRequest("/grpc.health.v1.Health/Watch", bytes, bytes, Buffer.alloc(0));
    watching.on("data", (answer: Buffer) => told.push(statuses[answer[1] ?? 0] ?? ""));
    watching.on("error", () => {});
    await until(() => told.length === 1, { describe: "the watch is told" });
    process.kill(Number(service.pid), "SIGTERM");
    expect(await service.exited).toEqual({ code: 0, signal: null });
    expect(told).toEqual(["SERVING", "NOT_SERVING"]);
    expect(collector.spans.map(({ name }) => name)).toEqual(["grpc.teas.v1.Teas/Find"]);
    expect(service.stdout).toHaveLength(1);
    expect(service.stderr).toEqual([]);
  });
});
