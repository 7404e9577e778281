import { createHealth, type RunContext } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

/** A check whose answers a test gives by hand: what comes over a socket is read after the timers of a turn. */
class ByHand {
  readonly started: number[] = [];
  #answer: () => void = () => {};

  readonly run = ({ clock }: RunContext): Promise<void> => {
    this.started.push(clock.now());
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  };

  async answer(): Promise<void> {
    this.#answer();
    await settle();
  }
}

async function start(options: object = {}) {
  const clock = new FakeClock();
  const check = new ByHand();
  const health = createHealth({ clock, checks: { check: { run: check.run, jitter: 0, ...options } } });
  await health.start();
  await clock.advance(0);
  const checked = () => health.snapshot().checks.check;
  return { clock, check, health, checked };
}

describe("a deadline that fires late because the loop was blocked", () => {
  it("lets an answer count that arrived during the block", async () => {
    const { clock, check, checked } = await start();
    await clock.advance(1_500);
    clock.block(1_200);
    await clock.advance(0);
    await check.answer();
    expect(checked()).toMatchObject({ status: "healthy", consecutiveFailures: 0 });
  });

  it("is put off by the lag, and no longer", async () => {
    const { clock, checked } = await start();
    await clock.advance(1_500);
    clock.block(1_200);
    await clock.advance(699);
    expect(checked().consecutiveFailures).toBe(0);
    await clock.advance(1);
    expect(checked()).toMatchObject({ consecutiveFailures: 1, errorType: "timeout" });
  });

  it("is put off by a stall in the middle of the run as well", async () => {
    const clock = new FakeClock();
    const check = new ByHand();
    // What ticks in the process shows the stall long before the deadline.
    const ticking = { run: () => {}, intervalMs: 100, timeoutMs: 50, jitter: 0, external: false };
    const health = createHealth({ clock, checks: { check: { run: check.run, jitter: 0 }, ticking } });
    await health.start();
    await clock.advance(550);
    clock.block(800);
    await clock.advance(2_000 - 1_350 + 749);
    expect(health.snapshot().checks.check.consecutiveFailures).toBe(0);
    await clock.advance(1);
    expect(health.snapshot().checks.check).toMatchObject({ consecutiveFailures: 1, errorType: "timeout" });
  });

  it("is not put off where the block ends exactly at the deadline", async () => {
    const { clock, checked } = await start();
    await clock.advance(1_500);
    clock.block(500);
    await clock.advance(0);
    expect(checked()).toMatchObject({ consecutiveFailures: 1, errorType: "timeout" });
  });

  it("is not put off a second time in one run", async () => {
    const { clock, checked } = await start();
    await clock.advance(1_500);
    clock.block(1_000);
    await clock.advance(0);
    clock.block(900);
    await clock.advance(0);
    expect(checked()).toMatchObject({ consecutiveFailures: 1, errorType: "timeout" });
  });

  it("excuses no two runs in a row, and then again", async () => {
    const { clock, check, checked } = await start({ backoff: { initialMs: 1_000, factor: 1 } });
    const blocked = async (run: number) => {
      while (check.started.length < run) await clock.advance(100);
      await clock.advance(check.started.at(-1)! + 1_500 - clock.now());
      clock.block(900);
      await clock.advance(0);
    };
    await blocked(1);
    await check.answer();
    expect(checked()).toMatchObject({ status: "healthy", consecutiveFailures: 0 });
    await blocked(2);
    expect(checked()).toMatchObject({ consecutiveFailures: 1, errorType: "timeout" });
    await blocked(3);
    expect(checked().consecutiveFailures).toBe(1);
    await check.answer();
    expect(checked()).toMatchObject({ status: "healthy", consecutiveFailures: 0 });
  });

  it("is put off by no more than the timeout, however long the process was suspended", async () => {
    const { clock, check, checked } = await start();
    await clock.advance(1_500);
    clock.block(3_600_000);
    await clock.advance(2_000);
    expect(checked()).toMatchObject({ consecutiveFailures: 1, errorType: "timeout" });
    await clock.advance(1_000);
    expect(check.started.length).toBe(2);
    await check.answer();
    expect(checked().status).toBe("healthy");
  });

  it("has the lag on the run, and does not count it as slowness of the dependency", async () => {
    const { clock, check, health, checked } = await start();
    const events: string[] = [];
    health.instrumentation.setLoggerProvider({
      getLogger: () => ({
        emit: ({ eventName }) => void events.push(eventName ?? ""),
        enabled: () => true,
      }),
    });
    await clock.advance(1_900);
    clock.block(900);
    await clock.advance(0);
    await check.answer();
    // 2.8 s on the clock, of which the dependency had 2 s: more than half the timeout all the same.
    expect(checked().durationMs).toBe(2_800);
    expect(events).toContain("health.check.slow");
  });
});
