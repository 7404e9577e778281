import { request } from "node:http";
import { join } from "node:path";
import { startChild } from "@otel-health/testkit";
import { startOtlpReceiver } from "@otel-health/testkit/otlp";
import { describe, expect, it } from "vitest";

interface SentIds {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly linked: { readonly traceId: string; readonly spanId: string };
}

/** Runs `emit.ts` to its end against `endpoint`. */
async function emit(endpoint: string, env: Record<string, string> = {}): Promise<SentIds> {
  await using child = await startChild({
    command: process.execPath,
    args: [join(import.meta.dirname, "emit.ts")],
    env: {
      ...process.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_LOGS_EXPORTER: "otlp",
      OTEL_METRICS_EXPORTER: "otlp",
      ...env,
    },
    ready: /^sent /,
  });
  expect(await child.exited).toEqual({ code: 0, signal: null });
  expect(child.stderr).toEqual([]);
  return JSON.parse(child.stdout[0]!.slice("sent ".length)) as SentIds;
}

describe("startOtlpReceiver", () => {
  it.each(["none", "gzip"])("decodes exactly what a NodeSDK sends, compression %s", async (compression) => {
    await using receiver = await startOtlpReceiver();
    const { traceId, spanId, parentSpanId, linked } = await emit(receiver.url, {
      OTEL_EXPORTER_OTLP_COMPRESSION: compression,
    });
    expect(receiver.refused).toEqual([]);

    const resource = expect.objectContaining({ "service.name": "emitter" });
    expect(receiver.spans.map(({ name }) => name)).toEqual(["linked", "health.check", "parent"]);
    expect(receiver.spans[1]).toEqual({
      name: "health.check",
      scope: "emit-tracer",
      resource,
      traceId,
      spanId,
      parentSpanId,
      startTimeUnixNano: 1_700_000_000_123_456_789n,
      endTimeUnixNano: 1_700_000_001_000_000_001n,
      attributes: { text: "größe", yes: true, integer: -7, big: 2 ** 40, half: 0.5, list: ["a", "b"] },
      links: [{ traceId: linked.traceId, spanId: linked.spanId, attributes: { why: "previous run" } }],
      status: { code: 2, message: "connection refused" },
    });
    expect(receiver.spans[2]).toMatchObject({
      spanId: parentSpanId,
      parentSpanId: undefined,
      links: [],
      status: { code: 0 },
    });

    expect(receiver.logs).toEqual([
      {
        eventName: "health.check.status_changed",
        scope: "emit-logger",
        resource,
        severityNumber: 13,
        body: { message: "db is unhealthy", failures: 3, codes: [1, 2.5] },
        attributes: { "health.check.name": "db" },
        traceId,
        spanId,
        timeUnixNano: 1_700_000_002_987_654_321n,
      },
    ]);

    const common = { scope: "emit-meter", resource, unit: "", description: "" };
    const db = { attributes: { check: "db" }, exemplars: [] };
    expect(receiver.metrics).toEqual([
      {
        ...common,
        name: "runs",
        unit: "{run}",
        description: "Runs.",
        kind: "sum",
        monotonic: true,
        points: [{ ...db, value: 3 }],
      },
      { ...common, name: "in_flight", kind: "sum", monotonic: false, points: [{ ...db, attributes: {}, value: -2 }] },
      { ...common, name: "status", kind: "gauge", points: [{ ...db, value: 0.5 }] },
      {
        ...common,
        name: "duration",
        unit: "s",
        kind: "histogram",
        points: [{ ...db, count: 4, sum: 5.05, bucketCounts: [1, 2, 1], explicitBounds: [0.1, 1] }],
      },
    ]);
  });

  it("takes a body in chunks", async () => {
    await using receiver = await startOtlpReceiver();
    // resource_spans[0].scope_spans[0].spans[0].name = "x", a byte at a time.
    const bytes = [0x0a, 0x07, 0x12, 0x05, 0x12, 0x03, 0x2a, 0x01, 0x78];
    const status = await new Promise((resolve) => {
      const post = request(`${receiver.url}/v1/traces`, {
        method: "POST",
        headers: { "content-type": "application/x-protobuf" },
      });
      post.on("response", (response) => resolve(response.resume().statusCode));
      for (const byte of bytes) post.write(Buffer.of(byte));
      post.end();
    });
    expect(status).toBe(200);
    expect(receiver.spans).toEqual([
      expect.objectContaining({ name: "x", links: [], attributes: {}, startTimeUnixNano: 0n }),
    ]);
  });

  it("refuses, and reports, what is not OTLP in protobuf", async () => {
    await using receiver = await startOtlpReceiver();
    const post = async (path: string, type: string, body: string) =>
      (await fetch(receiver.url + path, { method: "POST", headers: { "content-type": type }, body })).status;
    expect(await post("/v1/traces", "application/json", "{}")).toBe(400);
    expect(await post("/v1/logs", "application/x-protobuf", "no protobuf")).toBe(400);
    expect(await post("/v1/other", "application/x-protobuf", "")).toBe(400);
    expect(receiver.refused).toEqual([
      "POST /v1/traces: TypeError: content-type application/json",
      expect.stringMatching(/^POST \/v1\/logs: /),
      "POST /v1/other: TypeError: no such path",
    ]);
    expect(receiver.logs).toEqual([]);
  });
});
