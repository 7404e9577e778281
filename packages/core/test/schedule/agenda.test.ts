import { FakeClock } from "@otel-health/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Agenda, type AgendaEntry } from "../../src/schedule/agenda.ts";
import { Timeline } from "../../src/schedule/timeline.ts";
import { runs } from "../properties/settings.ts";

class Entry implements AgendaEntry {
  position = -1;
  wakeAt: number = Number.POSITIVE_INFINITY;
  readonly name: number;
  readonly #onWake: (name: number, now: number) => void;

  constructor(name: number, onWake: (name: number, now: number) => void) {
    this.name = name;
    this.#onWake = onWake;
  }

  wake(now: number): void {
    this.#onWake(this.name, now);
  }
}

const howMany = 40;

function make(onWake: (name: number, now: number) => void = () => {}) {
  const clock = new FakeClock();
  const timeline = new Timeline(clock);
  let wakeUps = 0;
  const agenda = new Agenda(clock, timeline, () => void wakeUps++);
  return {
    clock,
    agenda,
    wakeUps: () => wakeUps,
    entries: Array.from({ length: howMany }, (_, name) => new Entry(name, onWake)),
  };
}

const anyMove = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ entry: fc.nat({ max: howMany - 1 }), inMs: fc.integer({ min: -5, max: 200 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ entry: fc.nat({ max: howMany - 1 }), inMs: fc.constant(Number.POSITIVE_INFINITY) }),
  },
  { weight: 1, arbitrary: fc.record({ advance: fc.nat({ max: 40 }) }) },
);

describe("Agenda", () => {
  it("wakes what a sorted list would wake, at the same moments, with at most one timer", async () => {
    let woken = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyMove, { maxLength: 150, size: "max" }), async (moves) => {
        const seen: string[] = [];
        const { clock, agenda, entries } = make((name, now) => seen.push(`${name} at ${now}`));
        const due = new Map<number, number>();
        const expected: string[] = [];
        for (const move of moves) {
          if ("advance" in move) {
            const end = clock.now() + move.advance;
            const sorted = [...due].filter(([, at]) => at <= end).sort(([, one], [, other]) => one - other);
            for (const [name, at] of sorted) {
              expected.push(`${name} at ${Math.max(at, clock.now())}`);
              due.delete(name);
            }
            await clock.advance(move.advance);
          } else {
            const at = clock.now() + move.inMs;
            agenda.set(entries[move.entry]!, at);
            if (at === Number.POSITIVE_INFINITY) due.delete(move.entry);
            else due.set(move.entry, at);
          }
          expect(clock.armed).toBeLessThanOrEqual(1);
          if (due.size > 0) expect(clock.armed).toBe(1);
        }
        // What is due at one moment may be woken in any order.
        expect(byMoment(seen)).toEqual(byMoment(expected));
        woken += seen.length;
      }),
      runs(400),
    );
    expect(woken).toBeGreaterThan(2_000);
  });

  it("wakes in the order of due times also what it finds overdue", async () => {
    const order: number[] = [];
    const { clock, agenda, entries } = make((name) => order.push(name));
    [30, 10, 20, 50, 40].forEach((at, i) => {
      agenda.set(entries[i]!, at);
    });
    clock.block(100);
    await clock.advance(0);
    expect(order).toEqual([1, 2, 0, 4, 3]);
  });

  it("looks around once for each wake-up, not for each entry", async () => {
    const { clock, agenda, entries, wakeUps } = make();
    for (const entry of entries) agenda.set(entry, 10);
    await clock.advance(10);
    expect(wakeUps()).toBe(1);
  });

  it("wakes an entry that arms itself for now within the same wake-up, and no entry twice otherwise", async () => {
    let left = 3;
    const seen: number[] = [];
    const parts = make((_, now) => {
      seen.push(now);
      if (left-- > 0) parts.agenda.set(parts.entries[0]!, now);
    });
    parts.agenda.set(parts.entries[0]!, 5);
    await parts.clock.advance(100);
    expect(seen).toEqual([5, 5, 5, 5]);
    expect(parts.clock.armed).toBe(0);
  });

  it("goes on with the rest when one entry throws", async () => {
    const seen: number[] = [];
    const { clock, agenda, entries } = make((name) => {
      seen.push(name);
      if (name === 0) throw new Error("broken");
    });
    agenda.set(entries[0]!, 10);
    agenda.set(entries[1]!, 20);
    await expect(clock.advance(10)).rejects.toThrow("broken");
    await clock.advance(10);
    expect(seen).toEqual([0, 1]);
  });

  it("adds up how late it was woken, beyond what timers are late by themselves", async () => {
    const { clock, agenda, entries } = make();
    agenda.set(entries[0]!, 10);
    clock.block(20);
    await clock.advance(0);
    expect(agenda.lag).toBe(0);
    agenda.set(entries[0]!, 30);
    clock.block(21);
    await clock.advance(0);
    expect(agenda.lag).toBe(11);
  });

  it("keeps the process alive only while it is told to", () => {
    const clock = new FakeClock();
    const asked: boolean[] = [];
    const watched = Object.assign(clock, {
      setTimer(callback: () => void, delayMs: number, keepAlive: boolean) {
        asked.push(keepAlive);
        return FakeClock.prototype.setTimer.call(clock, callback, delayMs);
      },
    });
    const agenda = new Agenda(watched, new Timeline(watched), () => {});
    agenda.set(new Entry(0, () => {}), 100);
    agenda.keepAlive(true);
    agenda.keepAlive(true);
    agenda.keepAlive(false);
    expect(asked).toEqual([false, true, false]);
    expect(clock.armed).toBe(1);
  });

  it("wakes nothing and arms nothing once it is closed", async () => {
    const seen: number[] = [];
    const { clock, agenda, entries } = make((name) => seen.push(name));
    agenda.set(entries[0]!, 10);
    agenda.close();
    agenda.set(entries[1]!, 10);
    expect(clock.armed).toBe(0);
    await clock.advance(100);
    expect(seen).toEqual([]);
  });
});

function byMoment(seen: readonly string[]): readonly string[] {
  return seen.toSorted((one, other) => moment(one) - moment(other) || one.localeCompare(other));
}

function moment(seen: string): number {
  return Number(seen.split(" at ")[1]);
}
