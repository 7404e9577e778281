import {
  createHealth,
  type DrainOnSignalsOptions,
  type DrainSignal,
  drainOnSignals,
  type SignalSource,
} from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

/** A process that only notes how it would have ended. */
class FakeProcess implements SignalSource {
  readonly exits: { readonly code: number; readonly at: number }[] = [];
  readonly #clock: FakeClock;
  #listeners: { readonly signal: DrainSignal; readonly listener: (signal: DrainSignal) => void }[] = [];

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  get listening(): readonly DrainSignal[] {
    return this.#listeners.map(({ signal }) => signal);
  }

  on(signal: DrainSignal, listener: () => void): void {
    this.#listeners.push({ signal, listener });
  }

  prependListener(signal: DrainSignal, listener: (signal: DrainSignal) => void): void {
    this.#listeners.unshift({ signal, listener });
  }

  removeListener(signal: DrainSignal, listener: (signal: DrainSignal) => void): void {
    this.#listeners = this.#listeners.filter((one) => one.signal !== signal || one.listener !== listener);
  }

  exit(code: number): void {
    this.exits.push({ code, at: this.#clock.now() });
  }

  send(signal: DrainSignal): void {
    for (const one of this.#listeners.filter((one) => one.signal === signal)) one.listener(signal);
  }
}

async function make(options: Omit<DrainOnSignalsOptions, "process" | "clock"> = {}) {
  const clock = new FakeClock();
  const health = createHealth({ clock, checks: { one: () => {} } });
  await health.start();
  const process = new FakeProcess(clock);
  const steps: string[] = [];
  const note = (what: string) => steps.push(`${what} at ${clock.now()} while ${health.snapshot().lifecycle}`);
  const off = drainOnSignals(health, {
    close: () => void note("close"),
    flush: () => void note("flush"),
    ...options,
    process,
    clock,
  });
  return { clock, health, process, steps, off };
}

describe("drainOnSignals", () => {
  it("drains, closes, stops, flushes, in this order, and exits with 0", async () => {
    const { clock, health, process, steps } = await make();
    process.send("SIGTERM");
    expect(health.snapshot().probes.readiness.status).toBe("unhealthy");
    expect(health.snapshot().probes.liveness.status).toBe("healthy");
    await clock.advance(60_000);
    expect(steps).toEqual(["close at 5000 while draining", "flush at 5000 while stopped"]);
    expect(process.exits).toEqual([{ code: 0, at: 5_000 }]);
    expect(clock.armed).toBe(0);
  });

  it("listens to SIGTERM and SIGINT, before all others, and to nothing once it was taken back", async () => {
    const { process, off } = await make();
    expect([...process.listening].sort()).toEqual(["SIGINT", "SIGTERM"]);
    off();
    expect(process.listening).toEqual([]);
    const clock = new FakeClock();
    const health = createHealth({ clock });
    await health.start();
    const seen: string[] = [];
    process.on("SIGHUP", () => void seen.push(health.snapshot().lifecycle));
    drainOnSignals(health, { process, clock, signals: ["SIGHUP"], delayMs: 0 });
    process.send("SIGHUP");
    expect(seen).toEqual(["draining"]);
    await settle();
  });

  it.each([
    [
      "close throws",
      {
        close: () => {
          throw new Error("in use");
        },
      },
    ],
    ["close rejects", { close: () => Promise.reject(new Error("in use")) }],
    [
      "flush throws",
      {
        flush: () => {
          throw new Error("no exporter");
        },
      },
    ],
    [
      "flush rejects",
      {
        flush: async () => {
          throw new Error("no exporter");
        },
      },
    ],
  ])("exits with 1 when %s, after everything else was done", async (_, options) => {
    const { clock, health, process } = await make(options);
    process.send("SIGTERM");
    await clock.advance(60_000);
    expect(process.exits).toEqual([{ code: 1, at: 5_000 }]);
    expect(health.snapshot().lifecycle).toBe("stopped");
  });

  it("exits with 1 at the deadline when something hangs", async () => {
    const { clock, process, steps } = await make({ close: () => new Promise(() => {}), deadlineMs: 7_000 });
    process.send("SIGTERM");
    await clock.advance(6_999);
    expect(process.exits).toEqual([]);
    await clock.advance(60_000);
    expect(process.exits).toEqual([{ code: 1, at: 7_000 }]);
    expect(steps).toEqual([]);
  });

  it("has ten seconds beyond the delay where no deadline is given", async () => {
    const { clock, process } = await make({ delayMs: 1_000, close: () => new Promise(() => {}) });
    process.send("SIGTERM");
    await clock.advance(60_000);
    expect(process.exits).toEqual([{ code: 1, at: 11_000 }]);
  });

  it("exits with 1 at once at the second signal, whichever it is", async () => {
    const { clock, process } = await make();
    process.send("SIGTERM");
    await clock.advance(1_000);
    process.send("SIGINT");
    expect(process.exits).toEqual([{ code: 1, at: 1_000 }]);
  });

  it("ends a start under way without a word to those who wait for it", async () => {
    const clock = new FakeClock();
    let aborted = false;
    const migrate = ({ signal }: { readonly signal: AbortSignal }) => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return new Promise<void>(() => {});
    };
    const health = createHealth({ clock, startup: { migrate } });
    const told: string[] = [];
    void health.start().then(
      () => told.push("started"),
      () => told.push("failed"),
    );
    const process = new FakeProcess(clock);
    drainOnSignals(health, { process, clock, delayMs: 0 });
    process.send("SIGTERM");
    await clock.advance(60_000);
    expect(process.exits).toEqual([{ code: 0, at: 0 }]);
    expect({ aborted, told }).toEqual({ aborted: true, told: [] });
  });

  it("closes one thing after the other, in the order given", async () => {
    const clock = new FakeClock();
    const closed: string[] = [];
    const closes = (what: string, afterMs: number) => async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      clock.setTimer(resolve, afterMs);
      await promise;
      closed.push(`${what} at ${clock.now()}`);
    };
    const health = createHealth({ clock });
    await health.start();
    const process = new FakeProcess(clock);
    const close = [closes("server", 200), closes("pool", 100)];
    drainOnSignals(health, { process, clock, delayMs: 1_000, close });
    process.send("SIGTERM");
    await clock.advance(60_000);
    expect(closed).toEqual(["server at 1200", "pool at 1300"]);
    expect(process.exits).toEqual([{ code: 0, at: 1_300 }]);
  });

  it("closes what comes after one that fails, and exits with 1", async () => {
    const closed: string[] = [];
    const fails = () => {
      throw new Error("in use");
    };
    const { clock, process } = await make({ close: [fails, () => void closed.push("pool")] });
    process.send("SIGTERM");
    await clock.advance(60_000);
    expect(closed).toEqual(["pool"]);
    expect(process.exits).toEqual([{ code: 1, at: 5_000 }]);
  });

  it("cuts off at the deadline what is left to close", async () => {
    const closed: string[] = [];
    const hangs = () => new Promise<void>(() => {});
    const { clock, process } = await make({ close: [hangs, () => void closed.push("pool")], deadlineMs: 6_000 });
    process.send("SIGTERM");
    await clock.advance(60_000);
    expect(closed).toEqual([]);
    expect(process.exits).toEqual([{ code: 1, at: 6_000 }]);
  });

  it.each<unknown>(["server", [() => {}, "pool"], {}])("refuses to close %j", (close) => {
    const clock = new FakeClock();
    const process = new FakeProcess(clock);
    expect(() => drainOnSignals(createHealth({ clock }), { process, clock, close: close as never })).toThrow(
      /^close of drainOnSignals\(\) must be a function or an array of them, got /,
    );
    expect(process.listening).toEqual([]);
  });

  it("takes a drain that the application began itself for its own", async () => {
    const { clock, health, process, steps } = await make();
    void health.drain({ delayMs: 1_000 });
    await clock.advance(400);
    process.send("SIGTERM");
    await clock.advance(60_000);
    expect(steps).toEqual(["close at 1000 while draining", "flush at 1000 while stopped"]);
    expect(process.exits).toEqual([{ code: 0, at: 1_000 }]);
  });
});
