import { FakeClock } from "@otel-health/core/testing";
import { TargetGroup, type TargetGroupSettings } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { fakeContainer } from "./fake-container.ts";

/** A group of two targets, and the seconds of its time. */
async function groupOfTwo(settings: TargetGroupSettings = {}) {
  const clock = new FakeClock();
  const one = await fakeContainer();
  const two = await fakeContainer();
  const group = new TargetGroup(clock, settings);
  group.register("one", one);
  group.register("two", two);
  return {
    group,
    one,
    two,
    async pass(seconds: number) {
      for (let i = 0; i < seconds; i++) {
        await group.tick();
        await clock.advance(1_000);
      }
    },
    async [Symbol.asyncDispose]() {
      group[Symbol.dispose]();
      await one[Symbol.asyncDispose]();
      await two[Symbol.asyncDispose]();
    },
  };
}

describe("TargetGroup", () => {
  it("sends requests to a new target when it has passed one check, and to all of them in turn", async () => {
    await using service = await groupOfTwo();
    expect(await service.group.get("/orders")).toEqual({ target: undefined, status: 503, body: "" });
    await service.pass(1);
    expect(service.group.actions).toEqual(["one healthy", "two healthy"]);
    const answers = await Promise.all([1, 2, 3, 4].map(() => service.group.get("/orders")));
    expect(answers.map(({ target }) => target)).toEqual(["one", "two", "one", "two"]);
    expect(answers[0]).toEqual({ target: "one", status: 200, body: "/orders" });
  });

  it("keeps the connections of the requests that it sends", async () => {
    await using service = await groupOfTwo();
    await service.pass(1);
    service.group.deregister("two");
    for (let i = 0; i < 3; i++) await service.group.get("/orders");
    const orders = service.one.requests.filter(({ url }) => url === "/orders");
    expect(orders).toHaveLength(3);
    expect(new Set(orders.map(({ socket }) => socket)).size).toBe(1);
  });

  it("kills a target that failed as often as its threshold says, and sends nothing to it", async () => {
    await using service = await groupOfTwo();
    await service.pass(1);
    service.one.statuses["/servez"] = 503;
    await service.pass(59);
    expect(service.group.actions).toEqual(["one healthy", "two healthy"]);
    await service.pass(1);
    expect(service.group.actions).toEqual(["one healthy", "two healthy", "one unhealthy", "one killed"]);
    await service.pass(60);
    expect(service.one.signals).toEqual(["SIGTERM"]);
    expect(service.two.signals).toEqual([]);
    for (let i = 0; i < 2; i++) expect(await service.group.get("/orders")).toMatchObject({ target: "two" });
  });

  it("spares a target during its grace, which then needs more than one check to be healthy", async () => {
    await using service = await groupOfTwo({ intervalSeconds: 10, gracePeriodSeconds: 60 });
    service.one.statuses["/servez"] = 503;
    service.two.statuses["/servez"] = 503;
    await service.pass(15);
    service.two.statuses["/servez"] = 200;
    expect(service.group.actions).toEqual(["one unhealthy", "two unhealthy"]);
    await service.pass(45);
    expect(service.group.actions).toEqual(["one unhealthy", "two unhealthy"]);
    await service.pass(1);
    expect(service.group.actions.slice(2)).toEqual(["one killed", "two healthy"]);
  });

  it("takes nothing but 200 for healthy", async () => {
    await using service = await groupOfTwo();
    service.one.statuses["/servez"] = 204;
    await service.pass(31);
    expect(service.group.actions).toEqual(["two healthy", "one unhealthy", "one killed"]);
  });

  it("answers 502 where the target gives no answer", async () => {
    await using service = await groupOfTwo();
    await service.pass(1);
    await service.one[Symbol.asyncDispose]();
    expect(await service.group.get("/orders")).toMatchObject({ target: "one", status: 502 });
  });
});
