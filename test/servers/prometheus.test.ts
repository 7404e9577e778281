import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { kubeProbe } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { startPrometheus } from "./prometheus.ts";
import { promtoolCheckMetrics } from "./promtool.ts";
import { missing } from "./require-server.ts";

const head = "# HELP health_check_status Whether the check is healthy.\n# TYPE health_check_status gauge\n";

async function servePage() {
  const state = { value: 1 };
  const server = createServer((_, response) =>
    response
      .setHeader("content-type", "text/plain; version=0.0.4")
      .end(`${head}health_check_status{check="db"} ${state.value}\n`),
  ).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    state,
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe.skipIf(missing("prometheus"))("startPrometheus", () => {
  it("follows a page and its end, answers queries, and leaves nothing behind", async () => {
    await using page = await servePage();
    await using prometheus = await startPrometheus({ scrape: [{ job: "orders", target: page.target }] });
    const up = await prometheus.waitForSample("up", ({ value }) => value === 1);
    expect(up.labels).toEqual({ __name__: "up", job: "orders", instance: page.target });

    const query = `health_check_status{check="db"}`;
    expect((await prometheus.waitForSample(query)).value).toBe(1);
    page.state.value = 0.5;
    expect((await prometheus.waitForSample(query, ({ value }) => value < 1)).value).toBe(0.5);
    expect(await prometheus.query(`sum(${query})`)).toEqual([{ labels: {}, value: 0.5 }]);
    expect(await prometheus.query("1 + 1")).toEqual([{ labels: {}, value: 2 }]);
    expect(await prometheus.query("no_such_metric")).toEqual([]);

    await page[Symbol.asyncDispose]();
    await prometheus.waitForSample("up", ({ value }) => value === 0);
    await prometheus[Symbol.asyncDispose]();
    expect(await kubeProbe(`${prometheus.url}/-/ready`)).toMatchObject({ ok: false, error: "ECONNREFUSED" });
    expect(existsSync(prometheus.folder)).toBe(false);
  });

  it("rejects what is no instant query, and says what it saw when a sample does not come", async () => {
    await using prometheus = await startPrometheus({ scrape: [] });
    await expect(prometheus.query("sum(")).rejects.toThrow(/sum\(: .*parse error/);
    await expect(prometheus.query("up[1m]")).rejects.toThrow("a matrix is no instant vector");
    const never = prometheus.waitForSample("vector(3)", ({ value }) => value > 3, { timeoutMs: 100 });
    await expect(never).rejects.toThrow(/a sample of vector\(3\) such that .*, not \[\{"labels":\{\},"value":3\}\]/);
  });
});

describe.skipIf(missing("promtool"))("promtoolCheckMetrics", () => {
  it("finds nothing wrong with a clean page", async () => {
    expect(await promtoolCheckMetrics(`${head}health_check_status{check="db"} 1\n`)).toEqual([]);
  });

  it("names what is wrong with another", async () => {
    expect(await promtoolCheckMetrics("health_check_status 1\n")).toEqual(["health_check_status no help text"]);
    expect(await promtoolCheckMetrics(`${head}health_check_status{ 1\n`)).toEqual([
      expect.stringContaining("parsing error in line 3"),
    ]);
  });
});
