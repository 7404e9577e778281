import type { HealthRequest } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import type { ConformanceAdapter } from "../conformance/adapter.ts";
import { probedHealth } from "../conformance/probed-health.ts";
import { until } from "../until.ts";
import { type FuzzOptions, fuzz } from "./fuzz.ts";
import { OpenSockets } from "./open-sockets.ts";
import { usedHeap } from "./used-heap.ts";

/** What a server keeps for good, such as compiled code and caches that fill up, is less; a leak of 200 bytes a request is not. */
const mostGrowth = 20 * 1_024 * 1_024;

/** That no request, however it is put, is more than one server can take. */
export function describeFuzz(adapter: ConformanceAdapter, options: FuzzOptions): void {
  const { seed, requests } = options;
  describe(`${adapter.name} under ${requests} random requests`, () => {
    it("answers, lets go of every connection and keeps nothing", async () => {
      using sockets = new OpenSockets();
      await using health = await probedHealth(new FakeClock());
      const mount = { health, options: { authorize, reasonHeader: true } };
      await using server = await adapter.serve({ mounts: [mount], first: "probes", host: "127.0.0.1" });
      // What is compiled and cached at first is no leak.
      await fuzz(server.port, { requests: requests / 10, seed: seed + 1 });
      await until(() => sockets.count === 0, { describe: "the server lets go of every connection" });
      const before = usedHeap();

      const result = await fuzz(server.port, options);

      const why = `seed ${seed}`;
      const failures = [...result.answersByStatus.keys()].filter((status) => status >= 500 && status !== 503);
      expect({ failures, ...result }, why).toMatchObject({
        failures: [],
        unanswered: 0,
        hung: 0,
        injected: 0,
        suspects: [],
        serves: true,
      });
      await until(() => sockets.count === 0, { describe: `the server lets go of every connection (${why})` });
      expect(usedHeap() - before, `bytes of heap kept (${why})`).toBeLessThan(mostGrowth);
    }, 120_000);
  });
}

/** Answers in every way there is, by what it is asked. */
function authorize({ url = "" }: HealthRequest): boolean | Promise<boolean> {
  switch (url.length % 4) {
    case 0:
      return true;
    case 1:
      return Promise.resolve(true);
    case 2:
      return Promise.reject(new Error("no"));
    default:
      throw new Error("no");
  }
}
