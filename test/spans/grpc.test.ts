import { join } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import { startChild } from "@otel-health/testkit";
import { startOtlpReceiver } from "@otel-health/testkit/otlp";
import { describe, expect, it } from "vitest";

const probes = 1_000;
const bytes = (buffer: Buffer) => buffer;

/** Sends a thousand calls of `Check` and one to the application, and gives what was exported. */
async function trace(...ignored: readonly string[]) {
  await using receiver = await startOtlpReceiver();
  await using child = await startChild({
    command: process.execPath,
    args: ["--import", join(import.meta.dirname, "hook.ts"), join(import.meta.dirname, "grpc-process.ts"), ...ignored],
    env: {
      ...process.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_LOGS_EXPORTER: "none",
    },
    ready: /^listening on \d+$/,
  });
  const port = Number(child.stdout[0]?.split(" ")[2]);
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const call = (path: string) =>
    new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  for (let i = 0; i < probes; i++) await call("/grpc.health.v1.Health/Check");
  await call("/orders.v1.Orders/Get");
  client.close();
  await child.stop();
  expect(receiver.refused).toEqual([]);
  const last = receiver.metrics.findLast(({ name }) => name === "health.probe.requests");
  return {
    spans: receiver.spans.filter(({ scope }) => !scope?.startsWith("@otel-health/")).map(({ name }) => name),
    counted: last?.kind === "sum" ? last.points : [],
  };
}

const allOfThem = [
  expect.objectContaining({
    attributes: { "health.probe.type": "readiness", "rpc.response.status_code": "OK" },
    value: expect.toSatisfy((value) => Number(value) === probes),
  }),
];

describe("a thousand calls of Check to a traced service", () => {
  it("make no spans where the instrumentation is told to leave them out, and are all counted", async () => {
    const { spans, counted } = await trace("Check", "Watch", "List");
    expect(spans).toEqual(["grpc.orders.v1.Orders/Get"]);
    expect(counted).toEqual(allOfThem);
  });

  it("make a span each where it is not, as the README says", async () => {
    const { spans, counted } = await trace();
    expect(spans.filter((name) => name !== "grpc.orders.v1.Orders/Get")).toEqual(
      Array.from({ length: probes }, () => "grpc.grpc.health.v1.Health/Check"),
    );
    expect(counted).toEqual(allOfThem);
  });
});
