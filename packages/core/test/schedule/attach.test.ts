import { all, createHealth, type FunctionCheck, mapOutcome } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { collectDiag } from "../hostile/diag-lines.ts";

/** A check that hears of news, and a health object that has started it. */
async function attached(options: Partial<FunctionCheck> = {}, wrap = (check: FunctionCheck): FunctionCheck => check) {
  const clock = new FakeClock();
  const runs: number[] = [];
  let runNow = (): void => {
    throw new Error("not attached");
  };
  let detachments = 0;
  const check: FunctionCheck = {
    run: () => void runs.push(clock.now()),
    attach(given) {
      runNow = given;
      return () => void detachments++;
    },
    ...options,
  };
  const health = createHealth({ clock, checks: { db: wrap(check) } });
  const start = clock.now();
  await health.start();
  await clock.advance(0);
  return {
    clock,
    health,
    /** When it ran, milliseconds since the start. */
    runs: () => runs.map((at) => at - start),
    news: () => runNow(),
    detachments: () => detachments,
  };
}

describe("a check that is attached", () => {
  it("runs as soon as there is news, and on its schedule from then on", async () => {
    const { clock, runs, news } = await attached({ jitter: 0 });
    await clock.advance(3_000);
    news();
    await clock.advance(10_000);
    expect(runs()).toEqual([0, 3_000, 13_000]);
  });

  it("keeps runs 100 ms apart, however much news there is", async () => {
    const { clock, runs, news } = await attached();
    await clock.advance(1_000);
    for (let i = 0; i < 250; i++) {
      news();
      await clock.advance(1);
    }
    await clock.advance(200);
    expect(runs()).toEqual([0, 1_000, 1_100, 1_200, 1_300]);
  });

  it("runs once more where news came during a run, which may have looked before", async () => {
    const starts: number[] = [];
    const { clock, news } = await attached({
      run: ({ clock }) => {
        starts.push(clock.now());
        return new Promise<void>((done) => void clock.setTimer(() => done(), 500, false));
      },
    });
    await clock.advance(200);
    news();
    news();
    await clock.advance(3_000);
    expect(starts).toEqual([0, 600]);
  });

  it("is detached when it is unregistered, and when everything stops, once each", async () => {
    const { health, detachments, news, clock, runs } = await attached();
    await health.unregister("db");
    expect(detachments()).toBe(1);
    news();
    await clock.advance(60_000);
    expect(runs()).toEqual([0]);
    await health.stop();
    expect(detachments()).toBe(1);
  });

  it("is not attached before the start", () => {
    let attachments = 0;
    const attach = () => {
      attachments++;
      return () => {};
    };
    createHealth({ clock: new FakeClock(), checks: { db: { run: () => {}, attach } } });
    expect(attachments).toBe(0);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no channel");
      },
    ],
    ["returns nothing", () => undefined],
  ])("runs on its schedule where attaching %s", async (_, attach) => {
    const lines = collectDiag();
    const { clock, runs, health } = await attached({ attach: attach as never, jitter: 0 });
    await clock.advance(10_000);
    expect(runs()).toEqual([0, 10_000]);
    await health.stop();
    expect(lines.length).toBeLessThanOrEqual(1);
  });

  it.each([
    ["mapOutcome()", (check: FunctionCheck) => mapOutcome(check, (outcome) => outcome)],
    ["all()", (check: FunctionCheck) => all([check, { run: () => {}, external: false }])],
  ])("hears its news inside %s", async (_, wrap) => {
    const { clock, runs, news, health, detachments } = await attached({}, wrap);
    await clock.advance(2_000);
    news();
    await clock.advance(1);
    expect(runs()).toEqual([0, 2_000]);
    await health.stop();
    expect(detachments()).toBe(1);
  });
});
