import { AsyncLocalStorage } from "node:async_hooks";
import { createHealth, type HealthOptions, type TaskOptions } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

function make(options: HealthOptions = {}) {
  const clock = new FakeClock();
  const health = createHealth({ clock, ...options });
  const look = (name = "resize") => health.snapshot().checks[name];
  return { clock, health, look };
}

const minute: TaskOptions = { deadlineMs: 60_000 };
const endless: TaskOptions = { deadlineMs: Number.POSITIVE_INFINITY };
const forever = () => new Promise<never>(() => {});

/** Work that ends when it is told to. */
function job() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return { work: () => promise, resolve, reject };
}

describe("health.task", () => {
  it("gives what the work returns, whatever that is", async () => {
    const { health, look } = make();
    expect(await health.task("resize", minute, () => 5)).toBe(5);
    expect(await health.task("resize", minute, async () => "done")).toBe("done");
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tried
    expect(await health.task("resize", minute, () => ({ then: (on: (value: number) => void) => on(6) }) as never)).toBe(
      6,
    );
    expect(look()).toMatchObject({ status: "healthy", message: null });
  });

  it("rejects with the very value that the work threw or rejected with", async () => {
    const { health } = make();
    for (const thrown of [new Error("x"), undefined, null, 5n, Symbol("s"), Object.freeze({})]) {
      const throws = () => {
        throw thrown;
      };
      expect(await health.task("resize", minute, throws).catch((error) => [error])).toEqual([thrown]);
      expect(await health.task("resize", minute, async () => throws()).catch((error) => [error])).toEqual([thrown]);
    }
  });

  it("calls the work once, at once, without a this and in the async context of its caller", async () => {
    const storage = new AsyncLocalStorage<string>();
    const { clock, health } = make();
    const calls: unknown[] = [];
    const ended = storage.run("request", () =>
      health.task("resize", minute, async function (this: unknown, context) {
        calls.push(this, storage.getStore(), context.clock === clock, context.signal.aborted);
        await null;
        calls.push(storage.getStore());
      }),
    );
    expect(calls).toEqual([undefined, "request", true, false]);
    await ended;
    expect(calls).toEqual([undefined, "request", true, false, "request"]);
  });

  it("is degraded past the deadline, unhealthy past twice that, and healthy again when the task ends", async () => {
    const { clock, health, look } = make();
    const { work, resolve } = job();
    const ended = health.task("resize", { ...minute, hint: "look at the queue" }, work);
    await clock.advance(59_999);
    expect(look()).toMatchObject({
      status: "healthy",
      message: null,
      probes: ["readiness", "serving"],
      nextCheckAt: null,
    });
    await clock.advance(1);
    expect(look()).toMatchObject({
      status: "degraded",
      message: "1 of 1 has run past its deadline of 60 s, running since 2026-11-22T13:00:00Z",
      hint: "look at the queue",
      errorType: null,
    });
    await clock.advance(59_999);
    expect(look()).toMatchObject({ status: "degraded" });
    await clock.advance(1);
    expect(look()).toMatchObject({
      status: "unhealthy",
      errorType: "stuck",
      fault: "transient",
      message: "1 of 1 has run past its deadline of 60 s, for more than 120 s, running since 2026-11-22T13:00:00Z",
    });
    await clock.advance(600_000);
    resolve();
    await ended;
    expect(look()).toMatchObject({ status: "healthy", message: null });
  });

  it("takes unhealthyAfterMs from the deadline itself to never", async () => {
    const { clock, health, look } = make();
    void health.task("strict", { deadlineMs: 500, unhealthyAfterMs: 500 }, forever);
    void health.task("lenient", { deadlineMs: 500, unhealthyAfterMs: Number.POSITIVE_INFINITY }, forever);
    await clock.advance(499);
    expect([look("strict")?.status, look("lenient")?.status]).toEqual(["healthy", "healthy"]);
    await clock.advance(1);
    expect(look("strict")).toMatchObject({
      status: "unhealthy",
      message: "1 of 1 has run past its deadline of 500 ms, for more than 500 ms, running since 2026-11-22T13:00:00Z",
    });
    await clock.advance(3_600_000);
    expect(look("lenient")?.status).toBe("degraded");
  });

  it("says of tasks of one name how many are late, and since when the oldest runs", async () => {
    const { clock, health, look } = make();
    const first = job();
    void health.task("resize", minute, first.work);
    await clock.advance(1_000);
    void health.task("resize", minute, forever);
    void health.task("resize", endless, forever);
    await clock.advance(30_000);
    void health.task("resize", minute, forever);
    void health.task("resize", minute, forever);
    // What is worse is told at once, what is only different within a second.
    await clock.advance(31_000);
    const late = "have run past their deadline of 60 s";
    expect(look()?.message).toBe(`2 of 5 ${late}, the oldest running since 2026-11-22T13:00:00Z`);
    await clock.advance(61_000);
    expect(look()?.message).toBe(
      `4 of 5 ${late}, 2 of them for more than 120 s, the oldest running since 2026-11-22T13:00:00Z`,
    );
    first.resolve();
    await clock.advance(1_000);
    expect(look()?.message).toBe(
      `3 of 4 ${late}, 1 of them for more than 120 s, the oldest running since 2026-11-22T13:00:01Z`,
    );
  });

  it("names no deadline where they differ", async () => {
    const { clock, health, look } = make();
    void health.task("resize", { deadlineMs: 2_000 }, forever);
    void health.task("resize", { deadlineMs: 1_500 }, forever);
    await clock.advance(3_500);
    expect(look()?.message).toBe(
      "2 of 2 have run past their deadlines, 1 of them for more than 3 s, the oldest running since 2026-11-22T13:00:00Z",
    );
    await clock.advance(2_000);
    expect(look()?.message).toBe(
      "2 of 2 have run past their deadlines, 2 of them for far too long, the oldest running since 2026-11-22T13:00:00Z",
    );
  });

  it("never calls a loop late that is not to end, and lets it end", async () => {
    const { clock, health, look } = make();
    const { work, resolve } = job();
    const ended = health.task("outbox", endless, work);
    await clock.advance(86_400_000);
    expect(look("outbox")?.status).toBe("healthy");
    resolve();
    await ended;
    expect(look("outbox")?.status).toBe("healthy");
  });

  it("counts as its options say", async () => {
    const { clock, health, look } = make();
    await health.start();
    void health.task("optional", { ...minute, critical: false }, () => Promise.reject(new Error("x")));
    void health.task("strict", { ...minute, probes: ["liveness"], persistentAfterMs: 5_000 }, () =>
      Promise.reject(new Error("x")),
    );
    await clock.advance(5_000);
    expect([health.verdict("readiness"), health.verdict("liveness")]).toEqual(["degraded", "unhealthy"]);
    expect([look("optional")?.fault, look("strict")?.fault]).toEqual(["transient", "persistent"]);
  });

  it("names the check that is to blame for it", async () => {
    const { clock, health, look } = make({
      checks: {
        postgres: {
          run: () => {
            throw new Error("down");
          },
          failureThreshold: 1,
          gracePeriodMs: 0,
        },
      },
    });
    await health.start();
    await clock.advance(1);
    void health.task("resize", { ...minute, dependsOn: ["postgres"] }, () => Promise.reject(new Error("no rows")));
    await settle();
    expect(look()).toMatchObject({ status: "unhealthy", causedBy: "postgres" });
  });

  it("watches tasks from before the start, and through a drain", async () => {
    const { clock, health, look } = make();
    const { work, resolve } = job();
    let signal: AbortSignal | undefined;
    const ended = health.task("resize", minute, (context) => {
      signal = context.signal;
      return work();
    });
    await clock.advance(60_000);
    expect(look()?.status).toBe("degraded");
    await health.start();
    const drained = health.drain({ delayMs: 60_000, deadlineMs: 120_000 });
    await clock.advance(60_000);
    await drained;
    expect([look()?.status, signal?.aborted]).toEqual(["unhealthy", false]);
    await clock.advance(1_000);
    resolve();
    await ended;
    expect(look()?.status).toBe("healthy");
  });

  it("starts anew under a name whose check was unregistered", async () => {
    const { clock, health, look } = make();
    let signal: AbortSignal | undefined;
    const { work, reject } = job();
    const ended = health.task("resize", minute, (context) => {
      signal = context.signal;
      return work();
    });
    await clock.advance(60_000);
    expect(await health.unregister("resize")).toBe(true);
    expect([look(), signal?.aborted]).toEqual([undefined, true]);
    void health.task("resize", { ...minute, critical: false }, forever);
    reject(new Error("late news"));
    await expect(ended).rejects.toThrow("late news");
    expect(look()).toMatchObject({ status: "healthy", critical: false });
  });
});

describe("a task that fails", () => {
  it("fails the check at once, with its error bounded and redacted", async () => {
    const { health, look } = make();
    const error = Object.assign(new Error(`GET https://user:secret@host/ ${"x".repeat(1_000)}`), {
      code: "ECONNRESET",
    });
    await health.task("resize", minute, () => Promise.reject(error)).catch(() => {});
    expect(look()).toMatchObject({ status: "unhealthy", errorType: "ECONNRESET", fault: "transient" });
    expect(look()?.message).toMatch(/^GET https:\/\/\*\*\*@host\/ x+…$/);
    expect(look()?.message).toHaveLength(500);
  });

  it("does not fail the process where its promise is ignored, and does where the caller's own is", async () => {
    const { health } = make();
    void health.task("resize", minute, () => Promise.reject(new Error("ignored")));
    void health.task("resize", minute, () => {
      throw new Error("ignored");
    });
    // The setup of the tests fails on an unhandled rejection.
    await settle();
    await expect(health.task("resize", minute, () => Promise.reject(new Error("x"))).then(() => {})).rejects.toThrow(
      "x",
    );
  });

  it.each([
    [
      "a getter that throws",
      Object.defineProperty({}, "message", {
        get: () => {
          throw new Error("hostile");
        },
      }),
    ],
    ["an error whose code is a symbol", Object.assign(new Error(""), { code: Symbol("s") })],
    [
      "a revoked proxy",
      (() => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      })(),
    ],
  ])("may fail with %s", async (_what, thrown) => {
    const { health, look } = make();
    await health.task("resize", minute, () => Promise.reject(thrown)).catch(() => {});
    expect(look()).toMatchObject({ status: "unhealthy", message: expect.any(String), errorType: expect.any(String) });
  });

  it("is made up for by one that began later and fulfils, not by one that ran already", async () => {
    const { clock, health, look } = make();
    const earlier = job();
    const later = job();
    void health.task("resize", minute, earlier.work);
    void health.task("resize", minute, () => Promise.reject(new Error("no memory")));
    await clock.advance(2_000);
    earlier.resolve();
    await clock.advance(2_000);
    expect(look()).toMatchObject({ status: "unhealthy", message: "no memory" });
    void health.task("resize", minute, later.work);
    await clock.advance(2_000);
    expect(look()).toMatchObject({ status: "unhealthy", message: "no memory" });
    later.resolve();
    await settle();
    expect(look()).toMatchObject({ status: "healthy", message: null });
  });

  it("is made up for by a loop that was started again and has run for 10 s", async () => {
    const { clock, health, look } = make();
    const loop = job();
    void health.task("outbox", endless, loop.work);
    await clock.advance(5_000);
    loop.reject(new Error("queue gone"));
    await clock.advance(3_600_000);
    expect(look("outbox")?.status).toBe("unhealthy");
    void health.task("outbox", endless, forever);
    await clock.advance(5_000);
    void health.task("outbox", endless, forever);
    await clock.advance(4_999);
    expect(look("outbox")?.status).toBe("unhealthy");
    await clock.advance(1);
    expect(look("outbox")?.status).toBe("healthy");
  });

  it("is not made up for by a loop that fails again and again, and the newest error is shown", async () => {
    const { clock, health, look } = make();
    for (let attempt = 1; attempt <= 5; attempt++) {
      const loop = job();
      void health.task("outbox", endless, loop.work);
      await clock.advance(9_999);
      loop.reject(new Error(`attempt ${attempt}`));
      await clock.advance(1_000);
      expect(look("outbox")).toMatchObject({ status: "unhealthy", message: `attempt ${attempt}` });
    }
  });

  it("is told together with those that are late", async () => {
    const { clock, health, look } = make();
    void health.task("resize", { deadlineMs: 2_000 }, forever);
    await clock.advance(2_000);
    const rejected = health.task("resize", minute, () => Promise.reject(new RangeError("no memory")));
    await rejected.catch(() => {});
    const late = "1 of 1 has run past its deadline of 2 s";
    const since = "running since 2026-11-22T13:00:00Z; no memory";
    expect(look()).toMatchObject({ message: `${late}, ${since}`, errorType: "RangeError", status: "unhealthy" });
    await clock.advance(3_000);
    expect(look()).toMatchObject({ message: `${late}, for more than 4 s, ${since}`, errorType: "stuck" });
  });

  it("flaps like any check where it comes and goes", async () => {
    const { clock, health, look } = make();
    for (let i = 0; i < 4; i++) {
      await health.task("resize", minute, () => Promise.reject(new Error("x"))).catch(() => {});
      await clock.advance(1_000);
      await health.task("resize", minute, () => {});
      await clock.advance(1_000);
    }
    expect(look()).toMatchObject({ status: "unhealthy", flapping: true });
    await clock.advance(300_000);
    expect(look()).toMatchObject({ status: "healthy" });
  });
});

describe("a task and time that the loop could not turn", () => {
  it("has its time again after the process was suspended, whenever that was", async () => {
    for (let asleepAt = 0; asleepAt <= 6_000; asleepAt += 500) {
      const { clock, health, look } = make();
      const { work, resolve } = job();
      void health.task("resize", { deadlineMs: 6_000 }, work);
      await clock.advance(asleepAt === 6_000 ? 5_999 : asleepAt);
      clock.block(3_600_000);
      // What came while it slept is read in the turn after the timers.
      await clock.advance(0);
      expect(look()?.status, `asleep at ${asleepAt}`).toBe("healthy");
      resolve();
      await clock.advance(60_000);
      expect(look()?.status).toBe("healthy");
    }
  });

  it("is late in the end on a loop that is always late", async () => {
    const { clock, health, look } = make();
    await health.start();
    void health.task("resize", { deadlineMs: 3_000 }, forever);
    const seen = new Set<string | undefined>();
    for (let i = 0; i < 60; i++) {
      clock.block(200);
      await clock.advance(1);
      seen.add(look()?.status);
    }
    expect([...seen]).toEqual(["healthy", "degraded", "unhealthy"]);
  });
});

describe("stop()", () => {
  it("fires the signals of the tasks that run, and watches them no more", async () => {
    const { clock, health, look } = make();
    const reasons: unknown[] = [];
    const context = Promise.withResolvers<{ readonly signal: AbortSignal }>();
    const loop = health.task("outbox", endless, ({ signal }) => {
      signal.addEventListener("abort", () => reasons.push((signal.reason as DOMException).name));
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    void health.task("resize", minute, (given) => {
      context.resolve(given);
      return forever();
    });
    await health.stop();
    expect(reasons).toEqual(["AbortError"]);
    await expect(loop).rejects.toThrow("no longer supervised");
    // Who asks only now is told as well.
    expect((await context.promise).signal.aborted).toBe(true);
    await clock.advance(600_000);
    expect([look("outbox")?.status, look("resize")?.status]).toEqual(["healthy", "healthy"]);
    expect(clock.armed).toBe(0);
  });

  it("lets no task begin any more: the work is not called", async () => {
    const { health } = make();
    await health.stop();
    let called = false;
    const begin = () =>
      health.task("resize", minute, () => {
        called = true;
      });
    expect(begin).toThrow(
      expect.objectContaining({
        code: "stopped",
        message: 'the health object was stopped and cannot run the task "resize"; make a new one',
      }),
    );
    expect(called).toBe(false);
  });
});

describe("the name of a task", () => {
  const run =
    (health: ReturnType<typeof make>["health"], name: string, options: TaskOptions = minute) =>
    () =>
      void health.task(name, options, forever);

  it("belongs to no other check, startup task or task with other options", async () => {
    const { health } = make({ checks: { postgres: () => {} }, startup: { migrate: () => {} } });
    const duplicate = (message: string) => expect.objectContaining({ code: "duplicate_name", message });
    expect(run(health, "postgres")).toThrow(
      duplicate('there is a check "postgres" already; unregister it first or choose another name'),
    );
    expect(run(health, "migrate")).toThrow(
      duplicate('there is a startup task "migrate" already; choose another name for the task'),
    );
    run(health, "resize")();
    expect(() => health.register("resize", () => {})).toThrow(
      duplicate('there is a check "resize" already; unregister it first or choose another name'),
    );
    const differing: TaskOptions[] = [
      { ...minute, critical: false },
      { ...minute, hint: "x" },
      { ...minute, probes: ["liveness"] },
      { ...minute, dependsOn: ["postgres"] },
      { ...minute, persistentAfterMs: 1 },
    ];
    for (const options of differing)
      expect(run(health, "resize", options)).toThrow(expect.objectContaining({ code: "contradictory_options" }));
    expect(run(health, "resize", { ...minute, critical: false })).toThrow(
      'task "resize": critical is false here and was true in an earlier call; tasks of one name share one check, so say the same of it in each or choose another name',
    );
    // What says the same in other words does not differ, and each task has its own deadline.
    run(health, "resize", { deadlineMs: 5, critical: true, probes: ["readiness", "serving"], dependsOn: [] })();
  });

  it("is one of at most maxCheckNames, however many tasks it has", () => {
    const { health } = make({ maxCheckNames: 1 });
    for (let i = 0; i < 10; i++) run(health, "resize")();
    expect(run(health, "other")).toThrow(expect.objectContaining({ code: "too_many_names" }));
  });

  it("is a check's", () => {
    const { health } = make();
    expect(run(health, "Resize")).toThrow(
      'a task is named by a lower-case letter and up to 62 of a-z, 0-9, "_", "." and "-", got "Resize"; rename it',
    );
  });

  it("refuses options that contradict each other, and work that is no function", () => {
    const { health } = make();
    expect(run(health, "resize", { deadlineMs: 10, unhealthyAfterMs: 9 })).toThrow(
      expect.objectContaining({
        code: "contradictory_options",
        message:
          'task "resize": unhealthyAfterMs (9) is before deadlineMs (10), so nothing could be degraded; raise it',
      }),
    );
    expect(() => health.task("resize", minute, 5 as never)).toThrow('work of task "resize" must be a function, got 5');
    expect(() => health.task("resize", { ...minute, dependsOn: ["nothing"] }, forever)).toThrow(
      expect.objectContaining({ code: "unknown_check" }),
    );
    expect(health.snapshot().checks).toEqual({});
  });
});
