import { createHealth, push, type Transition, type TransitionListener } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { collectDiag } from "./diag-lines.ts";
import { revoked, untouchable } from "./hostile-thrown.ts";
import { thenable } from "./thenable.ts";

function refuse(): never {
  throw new Error("no");
}

/** A ready process with one push check. */
async function ready() {
  const health = createHealth({ checks: { told: push() }, clock: new FakeClock() });
  health.checks.told.pass();
  await health.start();
  return health;
}

describe("a transition listener", () => {
  it.each<[string, () => unknown, string]>([
    ["throws", refuse, "a transition listener threw"],
    [
      "throws undefined",
      () => {
        throw undefined;
      },
      "a transition listener threw",
    ],
    [
      "throws what nobody can look at",
      () => {
        throw untouchable();
      },
      "a transition listener threw",
    ],
    ["rejects", () => Promise.reject(new Error("no")), "a transition listener rejected"],
    ["rejects with nothing", () => Promise.reject(), "a transition listener rejected"],
    [
      "returns a thenable that rejects",
      () => thenable((_, reject) => reject(new Error("no"))),
      "a transition listener rejected",
    ],
    ["returns a thenable that throws", () => thenable(refuse), "a transition listener rejected"],
    ["returns what nobody can look at", () => untouchable(), "a transition listener rejected"],
    ["returns a revoked proxy", revoked, "a transition listener rejected"],
    [
      "returns a promise without a catch of its own",
      () => Object.assign(Promise.reject(new Error("no")), { catch: undefined }),
      "a transition listener rejected",
    ],
  ])("that %s changes no state, and the next one hears all the same", async (_, listener, complaint) => {
    const lines = collectDiag();
    const health = await ready();
    const heard: Transition[] = [];
    health.on("transition", listener as TransitionListener);
    health.on("transition", (transition) => void heard.push(transition));

    health.checks.told.fail("down");
    await settle();

    expect(health.respond({ method: "GET", url: "/readyz" })?.status).toBe(503);
    expect(heard.map(({ type, state }) => [type, state])).toEqual([
      ["check", "unhealthy"],
      ["probe", "unhealthy"],
      ["probe", "unhealthy"],
    ]);
    expect(lines.map(([level, message]) => [level, message])).toEqual(
      Array(3).fill(["error", `otel-health: ${complaint}`]),
    );
  });

  it("that never settles holds up nobody", async () => {
    const health = await ready();
    let heard = 0;
    health.on("transition", () => new Promise(() => {}));
    health.on("transition", () => void heard++);
    health.checks.told.fail("down");
    expect(heard).toBe(3);
    await health.stop();
    expect(health.snapshot().lifecycle).toBe("stopped");
  });

  it("cannot change what it is told", async () => {
    const health = await ready();
    const refused: unknown[] = [];
    health.on("transition", (transition) => {
      for (const key of Object.keys(transition)) if (!Reflect.set(transition, key, "mine")) refused.push(key);
    });
    health.checks.told.fail("down");
    expect(refused).toContain("state");
    expect(health.checks.told.status).toBe("unhealthy");
  });

  it("may cause transitions of its own, which are told after the one that it hears", async () => {
    const health = await ready();
    const heard: string[] = [];
    health.on("transition", (transition) => {
      if (transition.type === "check" && transition.state === "unhealthy") health.checks.told.pass();
    });
    health.on("transition", (transition) => {
      heard.push(`${transition.type === "check" ? transition.name : transition.probe} ${transition.state}`);
    });
    health.checks.told.fail("down");
    expect(heard).toEqual([
      "told unhealthy",
      "readiness unhealthy",
      "serving unhealthy",
      "told healthy",
      "readiness healthy",
      "serving healthy",
    ]);
  });

  it("may end itself, the others, and the health object", async () => {
    const health = await ready();
    const heard: string[] = [];
    const endSecond: (() => void)[] = [];
    const endFirst = health.on("transition", () => {
      heard.push("first");
      endFirst();
      for (const end of endSecond) end();
      void health.stop();
    });
    endSecond.push(health.on("transition", () => void heard.push("second")));
    health.checks.told.fail("down");
    await health.stop();
    expect(heard).toEqual(["first"]);
    expect(health.snapshot().lifecycle).toBe("stopped");
  });

  it("that unregisters the check it hears of leaves a process without it", async () => {
    const health = await ready();
    health.on("transition", (transition) => {
      if (transition.type === "check") void health.unregister(transition.name);
    });
    health.checks.told.fail("down");
    expect(Object.keys(health.snapshot().checks)).toEqual([]);
    expect(health.respond({ method: "GET", url: "/readyz" })?.status).toBe(200);
  });
});

describe("a diag logger that throws", () => {
  it("changes no state either", async () => {
    const lines = collectDiag();
    Object.assign(lines, { push: refuse });
    const health = await ready();
    health.on("transition", refuse);
    health.on("transition", () => Promise.reject());
    health.checks.told.fail("down");
    await settle();
    expect(health.checks.told.status).toBe("unhealthy");
    expect(lines).toHaveLength(0);
  });
});
