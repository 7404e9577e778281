import { join } from "node:path";
import { type Child, RawConnection, startChild, until } from "@otel-health/testkit";
import { type OtlpReceiver, startOtlpReceiver } from "@otel-health/testkit/otlp";
import { describe, expect, it } from "vitest";
import { type Framework, frameworks } from "../frameworks/serve.ts";

interface Started extends AsyncDisposable {
  readonly child: Child;
  readonly port: number;
  readonly receiver: OtlpReceiver;
}

async function start(framework: Framework): Promise<Started> {
  const receiver = await startOtlpReceiver();
  const child = await startChild({
    command: process.execPath,
    args: [join(import.meta.dirname, "draining-process.ts"), framework],
    env: {
      ...process.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_LOGS_EXPORTER: "otlp",
      OTEL_METRICS_EXPORTER: "none",
    },
    ready: /^listening on \d+$/,
  });
  const port = Number(child.stdout.find((line) => line.startsWith("listening"))?.split(" ")[2]);
  return {
    child,
    port,
    receiver,
    async [Symbol.asyncDispose]() {
      await child.stop({ signal: "SIGKILL" });
      await receiver[Symbol.asyncDispose]();
    },
  };
}

const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: orders\r\n\r\n`;

interface Seen {
  readonly status: number;
  readonly body: string;
  readonly connection: string | undefined;
}

async function answerOn(connection: RawConnection): Promise<Seen> {
  const { status, headers, body } = await connection.response();
  return { status, body, connection: headers.find(([name]) => name.toLowerCase() === "connection")?.[1] };
}

/** Asks on a connection of its own. */
async function ask(port: number, path: string): Promise<Seen> {
  using connection = new RawConnection(port);
  return await answerOn(connection.send(request(path)));
}

async function statuses(port: number, ...paths: readonly string[]): Promise<Record<string, number>> {
  return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, (await ask(port, path)).status])));
}

describe.each(frameworks)("SIGTERM to a service of %s", (framework) => {
  it("drains without losing a request, in order, and ends with 0", async () => {
    await using service = await start(framework);
    const { child, port, receiver } = service;
    expect(await statuses(port, "/readyz", "/servez", "/livez")).toEqual({
      "/readyz": 200,
      "/servez": 200,
      "/livez": 200,
    });
    using idle = new RawConnection(port);
    expect(await answerOn(idle.send(request("/orders")))).toMatchObject({
      status: 200,
      body: '["tea"]',
      connection: "keep-alive",
    });
    using early = new RawConnection(port);
    early.send(request("/slow"));
    await child.waitForLine(/^slow request begun$/);

    process.kill(child.pid!, "SIGTERM");
    await until(async () => (await ask(port, "/readyz")).status === 503, { describe: "readiness fails" });
    expect(await statuses(port, "/readyz", "/servez", "/livez", "/startupz")).toEqual({
      "/readyz": 503,
      "/servez": 503,
      "/livez": 200,
      "/startupz": 200,
    });
    // New requests are served until the balancers have noticed, and clients that keep their connection are told to go.
    expect(await ask(port, "/orders")).toEqual({ status: 200, body: '["tea"]', connection: "close" });
    using late = new RawConnection(port);
    late.send(request("/slow"));
    await until(() => child.stdout.filter((line) => line === "slow request begun").length === 2, {
      describe: "the second slow request",
    });

    child.sendLine("advance 5000");
    await idle.closed;
    // Node closes idle connections first: what comes between that and the end of the listener is reset.
    await until(async () => (await ask(port, "/livez").catch(({ code }) => code)) === "ECONNREFUSED", {
      describe: "connections are refused",
    });
    expect(child.stdout).not.toContain("server closed");

    child.sendLine("release");
    for (const connection of [early, late]) {
      expect(await answerOn(connection)).toEqual({ status: 200, body: "slow tea", connection: "close" });
      await connection.closed;
    }
    expect(await child.exited, child.output).toEqual({ code: 0, signal: null });
    expect(child.stdout.slice(-3)).toEqual(["server closed", "pool closed", "flushed"]);
    expect(child.stderr).toEqual([]);
    expect(receiver.refused).toEqual([]);
    expect(receiver.logs).toContainEqual(
      expect.objectContaining({
        eventName: "health.probe.transition",
        attributes: expect.objectContaining({
          "health.probe.type": "readiness",
          "health.state": "unhealthy",
          "health.lifecycle": "draining",
        }),
      }),
    );
  });

  it("is forced by a second signal", async () => {
    await using service = await start(framework);
    const { child, port } = service;
    process.kill(child.pid!, "SIGTERM");
    await until(async () => (await ask(port, "/readyz")).status === 503, { describe: "readiness fails" });
    process.kill(child.pid!, "SIGTERM");
    expect(await child.exited).toEqual({ code: 1, signal: null });
    expect(child.stdout).not.toContain("server closed");
  });
});
