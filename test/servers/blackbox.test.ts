import { Server, ServerCredentials } from "@grpc/grpc-js";
import { addHealthService } from "@otel-health/grpc";
import { describe, expect, it } from "vitest";
import { startBackend } from "./backend.ts";
import { startBlackbox } from "./blackbox.ts";
import { missing } from "./require-server.ts";

const modules = {
  ready: {
    prober: "http",
    timeout: "2s",
    http: { valid_status_codes: [200], fail_if_body_not_matches_regexp: ['^{"status":"(healthy|degraded)"'] },
  },
  not_degraded: { prober: "http", timeout: "2s", http: { fail_if_body_not_matches_regexp: ['^{"status":"healthy"'] } },
  server: { prober: "grpc", timeout: "2s", grpc: { service: "" } },
  orders: { prober: "grpc", timeout: "2s", grpc: { service: "orders.v1.Orders" } },
  unknown: { prober: "grpc", timeout: "2s", grpc: { service: "payments.v1.Payments" } },
};

describe.skipIf(missing("prometheus-blackbox-exporter"))("the blackbox exporter", () => {
  it("sees an outage and a degraded instance over HTTP, by status and by body", async () => {
    await using one = await startBackend("one");
    await using blackbox = await startBlackbox(modules);
    const target = `http://127.0.0.1:${one.port}/readyz`;
    const seen = async () => [
      (await blackbox.probe("ready", target)).success,
      (await blackbox.probe("not_degraded", target)).success,
    ];
    expect(await seen()).toEqual([true, true]);
    one.health.checks.cache.fail("gone");
    expect(await seen()).toEqual([true, false]);
    one.health.checks.database.fail("gone");
    expect(await seen()).toEqual([false, false]);
    expect((await blackbox.probe("ready", target)).metrics.get("probe_http_status_code")).toBe(503);
    one.health.checks.cache.pass();
    one.health.checks.database.pass();
    expect(await seen()).toEqual([true, true]);
  });

  it("sees the same over gRPC, through the outage and the drain", async () => {
    await using one = await startBackend("one");
    const server = new Server();
    const service = addHealthService(server, one.health, {
      services: { "orders.v1.Orders": { checks: ["database"] } },
    });
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    await using blackbox = await startBlackbox(modules);
    const seen = async (): Promise<readonly boolean[]> => {
      const probes = ["server", "orders", "unknown"].map((module) => blackbox.probe(module, `127.0.0.1:${port}`));
      return (await Promise.all(probes)).map(({ success }) => success);
    };
    expect(await seen()).toEqual([true, true, false]);
    one.health.checks.database.fail("gone");
    expect(await seen()).toEqual([false, false, false]);
    one.health.checks.database.pass();
    expect(await seen()).toEqual([true, true, false]);
    void one.health.drain({ delayMs: 0 });
    const draining = await blackbox.probe("server", `127.0.0.1:${port}`);
    expect(draining.success).toBe(false);
    // It was answered, and not refused: the server still listens.
    expect(draining.metrics.get('probe_grpc_healthcheck_response{serving_status="NOT_SERVING"}')).toBe(1);
    await service.close();
  });
});
