import { join } from "node:path";
import { RawConnection, startChild } from "@otel-health/testkit";
import { type OtlpReceiver, startOtlpReceiver } from "@otel-health/testkit/otlp";
import { describe, expect, it } from "vitest";
import { type Framework, frameworks } from "../frameworks/serve.ts";

const probes = 1_000;
const paths = ["/readyz", "/livez?verbose", "/startupz/", "/readyz/maintenance"];

interface Traced {
  /** Names of the spans that probes made. */
  readonly ofProbes: readonly string[];
  /** Names of the spans of the one request to the application itself. */
  readonly ofOrders: readonly string[];
  readonly counted: number;
}

/** Sends a thousand probes and one request, and gives what was exported of them. */
async function trace(framework: Framework, hook: "with-hook" | "without"): Promise<Traced> {
  await using receiver = await startOtlpReceiver();
  await using child = await startChild({
    command: process.execPath,
    args: [
      "--import",
      join(import.meta.dirname, "hook.ts"),
      join(import.meta.dirname, "traced-process.ts"),
      framework,
      hook,
    ],
    env: {
      ...process.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_LOGS_EXPORTER: "none",
      OTEL_BSP_MAX_QUEUE_SIZE: "20000",
    },
    ready: /^listening on \d+$/,
  });
  const port = Number(child.stdout.at(-1)?.split(" ")[2]);
  using connection = new RawConnection(port);
  for (let i = 0; i < probes; i++) {
    const { status } = await connection.send(`GET ${paths[i % paths.length]} HTTP/1.1\r\nHost: a\r\n\r\n`).response();
    if (status !== 200) throw new Error(`a probe was answered with ${status}`);
  }
  await connection.send("GET /orders HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").response();
  await connection.closed;
  await child.stop();
  expect(receiver.refused).toEqual([]);
  return { ...spansOf(receiver), counted: countOf(receiver) };
}

/** Spans by the trace that they are in: that of the request for the orders, or of a probe. */
function spansOf({ spans }: OtlpReceiver): Pick<Traced, "ofProbes" | "ofOrders"> {
  const root = spans.find(
    ({ attributes }) => attributes["url.path"] === "/orders" || attributes["http.target"] === "/orders",
  );
  const inOrders = ({ traceId }: { readonly traceId: string }) => traceId === root?.traceId;
  const ofService = spans.filter(({ scope }) => !scope?.startsWith("@otel-health/"));
  return {
    ofProbes: ofService.filter((span) => !inOrders(span)).map(({ name }) => name),
    ofOrders: ofService.filter(inOrders).map(({ name }) => name),
  };
}

function countOf({ metrics }: OtlpReceiver): number {
  const last = metrics.findLast(({ name }) => name === "health.probe.requests");
  return last?.kind === "sum" ? last.points.reduce((sum, { value }) => sum + Number(value), 0) : Number.NaN;
}

/** What a probe leaves where the HTTP instrumentation has not been told what a probe is. The READMEs say the same. */
const withoutHook: Readonly<Record<Framework, readonly string[]>> = {
  http: [],
  express: ["GET", "middleware - answerProbe"],
  koa: ["GET", "middleware - answerProbe"],
  hono: ["GET"],
  fastify: [],
  nestjs: [],
  "nestjs-fastify": [],
};

describe.each(frameworks)("a thousand probes of a traced service of %s", (framework) => {
  it("make no spans with the hook, and are all counted", async () => {
    const { ofProbes, ofOrders, counted } = await trace(framework, "with-hook");
    expect(ofProbes).toEqual([]);
    expect(ofOrders).not.toEqual([]);
    expect(counted).toBe(probes);
  });

  it("are counted without it too, and leave what the README says", async () => {
    const { ofProbes, counted } = await trace(framework, "without");
    expect([...new Set(ofProbes)].sort()).toEqual(withoutHook[framework]);
    expect(ofProbes).toHaveLength(probes * withoutHook[framework].length);
    expect(counted).toBe(probes);
  });
});
