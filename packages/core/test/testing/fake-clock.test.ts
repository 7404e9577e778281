import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createHealth, push } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

const invalid = (message: string) => expect.objectContaining({ code: "invalid_option", message });

describe("FakeClock", () => {
  it("stands still until it is moved, and takes wall time with it", async () => {
    const clock = new FakeClock(Date.UTC(2030, 0, 1));
    await settle();
    expect([clock.now(), clock.wallTime()]).toEqual([0, Date.UTC(2030, 0, 1)]);
    await clock.advance(1_500);
    expect([clock.now(), clock.wallTime()]).toEqual([1_500, Date.UTC(2030, 0, 1) + 1_500]);
  });

  it("draws the same numbers in [0, 1) in each run, others for another seed", () => {
    const draw = (seed?: number) => {
      const clock = new FakeClock(undefined, seed);
      return Array.from({ length: 1_000 }, () => clock.random());
    };
    expect(draw()).toEqual(draw(1));
    expect(draw(2)).not.toEqual(draw(1));
    for (const seed of [1, 2, 2_147_483_646]) expect(draw(seed).every((drawn) => drawn >= 0 && drawn < 1)).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN, 2_147_483_647])("refuses the seed %s, whose numbers would not be random", (seed) => {
    expect(() => new FakeClock(undefined, seed)).toThrow(
      invalid(`seed of FakeClock must be a whole number from 1 to 2147483646, got ${seed}`),
    );
  });

  it("refuses a wall time that is no date", () => {
    expect(() => new FakeClock(Number.NaN)).toThrow(expect.objectContaining({ code: "invalid_option" }));
    expect(() => new FakeClock(Number.POSITIVE_INFINITY)).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });

  it("fires a timer of a negative delay like one of none, and never one of Infinity", async () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    clock.setTimer(() => fired.push("none"), 0);
    clock.setTimer(() => fired.push("negative"), -5);
    clock.setTimer(() => fired.push("never"), Number.POSITIVE_INFINITY);
    await clock.advance(0);
    await clock.advance(1e12);
    expect(fired).toEqual(["none", "negative"]);
    expect(clock.armed).toBe(1);
  });

  it.each([Number.NaN, undefined])("refuses a timer whose delay is %s", (delayMs) => {
    const clock = new FakeClock();
    expect(() => clock.setTimer(() => {}, delayMs as number)).toThrow(
      invalid(`delayMs of setTimer() must be a number (milliseconds), got ${delayMs}`),
    );
    expect(clock.armed).toBe(0);
  });

  it("blocks without firing what is due meanwhile, which then comes late", async () => {
    const clock = new FakeClock();
    const fired: number[] = [];
    clock.setTimer(() => fired.push(clock.now()), 10);
    clock.block(500);
    await settle();
    expect([clock.now(), fired]).toEqual([500, []]);
    await clock.advance(0);
    expect(fired).toEqual([500]);
    expect(() => clock.block(-1)).toThrow(expect.objectContaining({ code: "invalid_option" }));
    expect(clock.now()).toBe(500);
  });
});

describe("FakeClock.advance", () => {
  it("fires timers at their times, those of one time as they were armed, and those that they arm", async () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    const note = (name: string) => () => void fired.push(`${name} ${clock.now()}`);
    clock.setTimer(note("late"), 30);
    clock.setTimer(() => clock.setTimer(note("armed on the way"), 5), 10);
    clock.setTimer(note("first"), 10);
    clock.setTimer(note("second"), 10);
    const disarmed = clock.setTimer(note("disarmed"), 12);
    clock.clearTimer(disarmed);
    await clock.advance(29);
    expect(fired).toEqual(["first 10", "second 10", "armed on the way 15"]);
    await clock.advance(1);
    expect(fired.at(-1)).toBe("late 30");
    expect(clock.armed).toBe(0);
  });

  it("lets what a timer starts come to its end before the next one, however many promises that takes", async () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    const hops = async () => {
      for (let i = 0; i < 1_000; i++) await Promise.resolve();
      seen.push(`done at ${clock.now()}`);
    };
    clock.setTimer(() => void hops(), 10);
    clock.setTimer(() => seen.push("next"), 10);
    await clock.advance(10);
    expect(seen).toEqual(["done at 10", "next"]);
  });

  it("does not wait for a real socket: time goes on without its answer, which counts where a test waits for it", async () => {
    const server = createServer((_request, response) => void response.end("ok")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let asked: Promise<unknown> | undefined;
    const run = () => {
      asked = fetch(url).then((response) => response.text());
      return asked.then(() => {});
    };
    const clock = new FakeClock();
    await using health = createHealth({ clock, checks: { backend: run } });
    await health.start();
    await clock.advance(0);
    expect(health.checks.backend.status).toBe("unknown");
    await asked;
    await clock.advance(0);
    expect(health.checks.backend.status).toBe("healthy");
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses to move by %s, and stays usable", async (ms) => {
    const clock = new FakeClock();
    await expect(clock.advance(ms)).rejects.toThrow(
      invalid(`ms of advance() must be a number from 0 to 9007199254740991 (milliseconds), got ${ms}`),
    );
    await clock.advance(5);
    expect(clock.now()).toBe(5);
  });

  it("is refused while time is being moved: from beside, from a timer and from a check", async () => {
    const clock = new FakeClock();
    const refused = /^the clock is being moved already: await that advance before the next one$/;
    const inside: Promise<unknown>[] = [];
    const catching = (advance: Promise<unknown>) => void inside.push(advance.catch(({ message }: Error) => message));
    clock.setTimer(() => catching(clock.advance(1)), 5);
    await using _health = await started(clock, () => catching(clock.advanceUntil(() => true, { withinMs: 1 })));
    const first = clock.advance(10);
    await expect(clock.advance(10)).rejects.toThrow(refused);
    await first;
    expect(clock.now()).toBe(10);
    expect(inside.length).toBe(2);
    for (const message of await Promise.all(inside)) expect(message).toMatch(refused);
    await clock.advance(10);
    expect(clock.now()).toBe(20);
  });

  it("rejects with what a timer throws, at that time, and can go on from there", async () => {
    const clock = new FakeClock();
    const fired: number[] = [];
    clock.setTimer(() => {
      throw new Error("broken");
    }, 10);
    clock.setTimer(() => fired.push(clock.now()), 20);
    await expect(clock.advance(100)).rejects.toThrow(/^broken$/);
    expect(clock.now()).toBe(10);
    await clock.advance(90);
    expect([clock.now(), fired]).toEqual([100, [20]]);
  });
});

describe("FakeClock.advanceUntil", () => {
  it("stops at the timer that makes the condition hold, and says how long that took", async () => {
    const clock = new FakeClock();
    await clock.advance(7);
    let up = false;
    clock.setTimer(() => void Promise.resolve().then(() => (up = true)), 40);
    clock.setTimer(() => {}, 50);
    expect(await clock.advanceUntil(() => up, { withinMs: 1_000 })).toBe(40);
    expect([clock.now(), clock.armed]).toEqual([47, 1]);
  });

  it("moves nothing where the condition holds already, once what is ready to run has run", async () => {
    const clock = new FakeClock();
    let up = false;
    clock.setTimer(() => {}, 0);
    void Promise.resolve().then(() => (up = true));
    expect(await clock.advanceUntil(() => up, { withinMs: 10 })).toBe(0);
    expect(clock.armed).toBe(1);
  });

  it("asks once more at the end, where there is no timer", async () => {
    const clock = new FakeClock();
    expect(await clock.advanceUntil(() => clock.now() >= 10, { withinMs: 10 })).toBe(10);
  });

  it("rejects where it does not hold in time, with the condition", async () => {
    const clock = new FakeClock();
    await expect(clock.advanceUntil(() => false, { withinMs: 60_000 })).rejects.toThrow(
      "the condition did not hold within 60000 ms on the clock: () => false",
    );
    expect(clock.now()).toBe(60_000);
    await clock.advance(1);
  });

  it("rejects with what the condition throws", async () => {
    const clock = new FakeClock();
    const asks = () => {
      throw new Error("no such check");
    };
    await expect(clock.advanceUntil(asks, { withinMs: 1 })).rejects.toThrow(/^no such check$/);
    await clock.advance(1);
  });

  it("refuses a bound that is none", async () => {
    const clock = new FakeClock();
    await expect(clock.advanceUntil(() => true, { withinMs: Number.NaN })).rejects.toThrow(
      invalid("withinMs of advanceUntil() must be a number from 0 to 9007199254740991 (milliseconds), got NaN"),
    );
  });
});

async function started(clock: FakeClock, run: () => void) {
  const health = createHealth({ clock, checks: { moving: run, told: push() } });
  await health.start();
  return health;
}
