import { createHealth, push, type Transition } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

async function ready() {
  const health = createHealth({ clock: new FakeClock(), checks: { one: push(), two: push({ critical: false }) } });
  health.checks.one.pass();
  health.checks.two.pass();
  await health.start();
  return health;
}

const told = (transition: Transition) =>
  `${transition.type === "check" ? transition.name : transition.probe} ${transition.previousState} → ${transition.state}`;

describe("a transition listener", () => {
  it("hears of the check first, then of the probes that it changed, each once", async () => {
    const health = await ready();
    const heard: string[] = [];
    health.on("transition", (transition) => void heard.push(told(transition)));
    health.checks.one.fail("down");
    health.checks.one.fail("still down");
    expect(heard).toEqual(["one healthy → unhealthy", "readiness healthy → unhealthy", "serving healthy → unhealthy"]);
  });

  it("cannot change what the others are told", async () => {
    const health = await ready();
    const heard: Transition[] = [];
    health.on("transition", (transition) => void heard.push(transition));
    health.checks.one.fail("down");
    expect(heard).toHaveLength(3);
    for (const transition of heard) {
      expect(Object.isFrozen(transition)).toBe(true);
      if (transition.type === "probe") expect(Object.isFrozen(transition.checks)).toBe(true);
    }
  });

  it("hears nothing more once it has unsubscribed, which another of the same function does not notice", async () => {
    const health = await ready();
    const heard: string[] = [];
    const listener = (transition: Transition) => void heard.push(told(transition));
    const off = health.on("transition", listener);
    health.on("transition", listener);
    off();
    off();
    health.checks.two.warn("slow");
    expect(heard).toEqual(["two healthy → degraded", "readiness healthy → degraded", "serving healthy → degraded"]);
  });

  it("that throws or rejects changes nothing for the others, and no state", async () => {
    const health = await ready();
    const heard: string[] = [];
    health.on("transition", () => {
      throw new Error("broken");
    });
    health.on("transition", () => Promise.reject(new Error("broken")));
    health.on("transition", (transition) => void heard.push(told(transition)));
    health.checks.one.fail("down");
    await settle();
    expect(heard.length).toBe(3);
    expect(health.snapshot().probes.readiness.status).toBe("unhealthy");
  });

  it("may unsubscribe itself while it is told, and the others hear on", async () => {
    const health = await ready();
    const heard: string[] = [];
    const off = health.on("transition", () => {
      heard.push("once");
      off();
    });
    health.on("transition", ({ type }) => void heard.push(type));
    health.checks.one.fail("down");
    expect(heard).toEqual(["once", "check", "probe", "probe"]);
  });

  it("that another one takes off while both are told is not told any more", async () => {
    const health = await ready();
    const heard: string[] = [];
    health.on("transition", () => off());
    const off = health.on("transition", () => void heard.push("told"));
    health.checks.one.fail("down");
    expect(heard).toEqual([]);
  });

  it("may subscribe another one while it is told, which hears from the next transition on", async () => {
    const health = await ready();
    let subscribed = 0;
    const heard: string[] = [];
    // One that puts itself back each time must not be told without end.
    const again = (transition: Transition) => {
      off();
      subscribed++;
      heard.push(told(transition));
      off = health.on("transition", again);
    };
    let off = health.on("transition", again);
    health.checks.one.fail("down");
    expect(subscribed).toBe(3);
    expect(heard).toEqual(["one healthy → unhealthy", "readiness healthy → unhealthy", "serving healthy → unhealthy"]);
  });

  it("that causes the next transition is told of it afterwards, in the same order as everyone", async () => {
    const health = await ready();
    const [first, second]: [string[], string[]] = [[], []];
    health.on("transition", (transition) => {
      first.push(told(transition));
      if (transition.type === "check" && transition.name === "one") health.checks.two.fail("because of one");
    });
    health.on("transition", (transition) => void second.push(told(transition)));
    health.checks.one.fail("down");
    expect(first).toEqual([
      "one healthy → unhealthy",
      "readiness healthy → unhealthy",
      "serving healthy → unhealthy",
      "two healthy → unhealthy",
    ]);
    expect(second).toEqual(first);
  });

  it("sees in the snapshot at least what it is told of", async () => {
    const health = await ready();
    const behind: string[] = [];
    health.on("transition", (transition) => {
      const { checks, probes } = health.snapshot();
      const shown =
        transition.type === "check"
          ? checks[transition.name as keyof typeof checks].status
          : probes[transition.probe]?.status;
      if (shown !== transition.state) behind.push(told(transition));
    });
    health.checks.one.fail("down");
    health.checks.one.pass();
    health.retire();
    await health.drain({ delayMs: 0 });
    expect(behind).toEqual([]);
  });

  it("may end everything", async () => {
    const health = await ready();
    const heard: string[] = [];
    health.on("transition", (transition) => {
      heard.push(told(transition));
      void health.stop();
    });
    health.checks.one.fail("down");
    await settle();
    expect(health.snapshot().lifecycle).toBe("stopped");
    expect(heard).toEqual(["one healthy → unhealthy", "readiness healthy → unhealthy", "serving healthy → unhealthy"]);
  });
});
