import { pass } from "@otel-health/core";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import type { OrchestrationAdapter } from "./adapter.ts";
import { hazards } from "./hazards.ts";
import { drainSeconds } from "./instance.ts";
import { OpenRequest } from "./open-request.ts";
import { Service } from "./service.ts";

// While they start they fail, and are spared for the grace.
const starting = ["one unhealthy", "two unhealthy"];
const allHealthy = [...starting, "one healthy", "two healthy"];
const byBoth = ["200 by one", "200 by two"];

/** What becomes of instances whose balancer probes `/servez` and kills what fails it, as ECS does. */
export function describeBehindKillingBalancer(adapter: OrchestrationAdapter): void {
  const expectTraffic = (service: Service, expected: readonly string[]) =>
    expect(service.traffic()).toEqual(new Set(adapter.hasApp ? expected : []));

  const healthyService = async () => {
    const service = await Service.start(adapter);
    await service.pass(100);
    expect(service.actions).toEqual(allHealthy);
    service.traffic();
    return service;
  };

  describe("behind a balancer that kills what it stops routing to", () => {
    it("gets traffic when its startup is done, and is spared until then", async () => {
      await using service = await Service.start(adapter);
      await service.pass(15);
      expect(service.actions).toEqual(starting);
      expectTraffic(service, ["503 by the balancer"]);
      await service.pass(85);
      expect(service.actions).toEqual(allHealthy);
      service.traffic();
      await service.pass(2);
      expectTraffic(service, byBoth);
    });

    it.each(hazards)("is not killed, and gets traffic, when a dependency of all $what", async ({ step, unready }) => {
      await using service = await healthyService();
      const instances = [service.one, service.two];
      for (const { database } of instances) database.set(step);
      await service.pass(300);
      for (const instance of instances)
        expect(await instance.statuses()).toMatchObject({ "/readyz": unready ? 503 : 200, "/servez": 200 });
      for (const { database } of instances) database.set(pass());
      await service.pass(60);
      expect(service.actions).toEqual(allHealthy);
      expectTraffic(service, byBoth);
    });

    it("is killed for what only a restart mends, and the others are not", async () => {
      await using service = await healthyService();
      service.one.health.fatal("the heap is corrupt");
      await service.pass(60);
      expect(service.actions).toEqual([...allHealthy, "one unhealthy", "one killed"]);
      expectTraffic(service, byBoth);
      await service.pass(10);
      expectTraffic(service, ["200 by two"]);
    });

    it("is drained by deregistration: no request is sent to it any more, and none is lost", async () => {
      await using service = await healthyService();
      const { one, group } = service;
      using open = adapter.hasApp ? await OpenRequest.begin(one.port) : undefined;
      group.deregister("one");
      one.kill("SIGTERM");
      expect(await one.statuses()).toMatchObject({ "/servez": 503, "/livez": 200 });
      await service.pass(drainSeconds);
      expectTraffic(service, ["200 by two"]);
      if (open !== undefined) expect(await open.finish()).toMatchObject({ status: 200, body: '["tea"]' });
      await until(() => one.exited, { describe: "the instance ends" });
      expect(one.exitCode).toBe(0);
      expect(service.actions).toEqual(allHealthy);
    });
  });
}
