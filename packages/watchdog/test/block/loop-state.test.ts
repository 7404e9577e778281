import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beatOf, initialLoopState, type LoopState, type LoopTick, reduceLoop } from "../../src/block/loop-state.ts";
import { runs } from "../runs.ts";
import { type History, LoopModel } from "./loop-model.ts";

const thresholds = { blockedAfterMs: 1_000, unreadyAfterMs: 2_000, deadAfterMs: 30_000, mostPerTickMs: 200 };
const epoch = 1_700_000_000_000;

interface Look {
  readonly beatMsAgo?: number;
  /** More than at the last look of this silence. */
  readonly starvedMs?: number;
  readonly asks?: boolean;
}

/** A thread that looks, and a loop that it looks at; time is what they are told. */
class Watched {
  state: LoopState;
  readonly ended: object[] = [];
  #now: number;
  #beat: number;
  #starvedMs = 0;

  constructor(startAt = 5_000) {
    this.#now = startAt;
    this.#beat = beatOf(startAt);
    this.state = initialLoopState(this.#tick());
  }

  /** Time passes, with a look at its end and, if so, a beat some time before that. */
  look(afterMs: number, { beatMsAgo, starvedMs = 0, asks = true }: Look = {}): this {
    this.#now += afterMs;
    this.#starvedMs += starvedMs;
    if (beatMsAgo !== undefined) this.#beat = beatOf(this.#now - beatMsAgo);
    const tick = this.#tick();
    const { state, ended } = reduceLoop(this.state, asks ? tick : { ...tick, starvedMs: undefined }, thresholds);
    this.state = state;
    if (ended !== undefined) this.ended.push(ended);
    if (beatMsAgo !== undefined) this.#starvedMs = 0;
    return this;
  }

  /** Looks every 100 ms for so long. */
  silent(ms: number, starvedShare = 0): this {
    for (let passed = 0; passed < ms; passed += 100) this.look(100, { starvedMs: 100 * starvedShare });
    return this;
  }

  #tick(): LoopTick {
    return { now: this.#now, wallTime: epoch + this.#now, beat: this.#beat, starvedMs: this.#starvedMs };
  }
}

describe("reduceLoop", () => {
  it("takes a silent loop for blocked, then unready, then dead, at the times that were given", () => {
    const watched = new Watched();
    const stages = () => watched.state.stage;
    expect(watched.silent(900).state.stage).toBe("turning");
    expect(watched.look(99).state.stage).toBe("turning");
    expect(watched.look(1).state.stage).toBe("blocked");
    expect(watched.silent(900).state.stage).toBe("blocked");
    expect(watched.silent(100).state.stage).toBe("unready");
    expect(watched.silent(27_900).state.stage).toBe("unready");
    expect(watched.silent(100).state.stage).toBe("dead");
    expect(watched.state.since).toBe(epoch + 5_000);
    expect(stages()).toBe("dead");
    expect(watched.ended).toEqual([]);
  });

  it("takes a loop that turned for turning at the next look, and says what block ended when", () => {
    const watched = new Watched().silent(2_500).look(100, { beatMsAgo: 40 });
    expect(watched.state).toMatchObject({ stage: "turning", listenedMs: 40, since: epoch + 5_000 + 2_560 });
    expect(watched.ended).toEqual([{ stage: "unready", since: epoch + 5_000, silentMs: 2_560, starvedMs: 0 }]);
    expect(watched.silent(900).state.stage).toBe("turning");
    expect(watched.silent(100).state.stage).toBe("blocked");
  });

  it("tells of a block that ended before it was seen, and of no shorter silence", () => {
    const watched = new Watched().silent(900).look(150, { beatMsAgo: 0 });
    expect(watched.ended).toEqual([{ stage: "blocked", since: epoch + 5_000, silentMs: 1_050, starvedMs: 0 }]);
    watched.silent(900).look(99, { beatMsAgo: 0 });
    expect(watched.ended).toHaveLength(1);
  });

  it("counts no time in which it could not look itself, as in a process that was stopped", () => {
    const watched = new Watched().look(100, { beatMsAgo: 50 }).look(3_600_000);
    expect(watched.state).toMatchObject({ stage: "turning", listenedMs: 250 });
    expect(watched.look(100).state).toMatchObject({ stage: "turning", listenedMs: 350 });
    watched.look(3_600_000, { beatMsAgo: 3 });
    expect(watched.state).toMatchObject({ stage: "turning", listenedMs: 3 });
    expect(watched.ended).toEqual([]);
  });

  it("keeps a block over a stop of the whole process, but not the stop in it", () => {
    const watched = new Watched().silent(1_500).look(60_000);
    expect(watched.state).toMatchObject({ stage: "blocked", listenedMs: 1_700, since: epoch + 5_000 });
    watched.look(100, { beatMsAgo: 100 });
    expect(watched.ended).toEqual([{ stage: "blocked", since: epoch + 5_000, silentMs: 1_700, starvedMs: 0 }]);
  });

  it("takes a loop that is starved of CPU for unready, and never for dead by that alone", () => {
    const watched = new Watched().silent(300_000, 0.95);
    expect(watched.state).toMatchObject({ stage: "unready", listenedMs: 300_000, starvedMs: 285_000 });
    expect(watched.silent(300_000, 0.95).state.stage).toBe("dead");
    expect(new Watched().silent(3_600_000, 1).state.stage).toBe("unready");
  });

  it("counts time in which it could not look itself where the loop was starved meanwhile, as in a throttled process", () => {
    const watched = new Watched();
    for (let i = 0; i < 20; i++) watched.look(1_000, { starvedMs: 900 });
    expect(watched.state).toMatchObject({ stage: "unready", listenedMs: 4_000, starvedMs: 18_000, unexcusedMs: 2_000 });
    watched.look(100, { beatMsAgo: 0 });
    expect(watched.ended).toMatchObject([{ stage: "unready", silentMs: 20_100, starvedMs: 18_000 }]);
  });

  it("takes no more for starved than there was", () => {
    expect(new Watched().look(100, { starvedMs: 60_000 }).state).toMatchObject({ starvedMs: 100, unexcusedMs: 0 });
    expect(new Watched().look(100, { starvedMs: -50 }).state).toMatchObject({ starvedMs: 0, unexcusedMs: 100 });
  });

  it("takes time for dead only once it has asked whether the loop was starved", () => {
    const watched = new Watched().silent(29_900);
    for (let i = 0; i < 100; i++) watched.look(10, { asks: false });
    expect(watched.state).toMatchObject({ stage: "unready", listenedMs: 30_900, unexcusedMs: 29_900 });
    watched.look(10, { starvedMs: 1_000 });
    expect(watched.state).toMatchObject({ stage: "unready", starvedMs: 1_000, unexcusedMs: 29_910 });
    watched.look(80, { asks: false });
    expect(watched.look(10).state).toMatchObject({ stage: "dead", listenedMs: 31_000, starvedMs: 1_000 });
  });

  it.each([0, 2 ** 31 - 500, 2 ** 32 - 500, 2 ** 40])("counts on when the beat comes round, from %d on", (startAt) => {
    const watched = new Watched(startAt);
    for (let i = 0; i < 20; i++) watched.look(100, { beatMsAgo: 30 });
    expect(watched.state).toMatchObject({ stage: "turning", listenedMs: 30 });
    expect(watched.silent(1_000).state.stage).toBe("blocked");
  });

  it.each([2 ** 31 - 1, -(2 ** 31), 0, 1])(
    "takes a beat of another clock, such as %d, for one of now or just before",
    (beat) => {
      const watched = new Watched().silent(1_500);
      const tick = { now: 6_600, wallTime: epoch + 6_600, beat, starvedMs: 0 };
      const { state, ended } = reduceLoop(watched.state, tick, thresholds);
      expect(state.stage).toBe("turning");
      expect(state.listenedMs).toBeGreaterThanOrEqual(0);
      expect(state.listenedMs).toBeLessThanOrEqual(100);
      expect(ended).toMatchObject({ stage: "blocked" });
    },
  );

  it("counts as one who counts each millisecond", () => {
    const step = fc.record({
      passMs: fc.oneof(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 5_000 })),
      beats: fc.boolean(),
      beatMsAgo: fc.nat(5_000),
      starvedMs: fc.oneof(fc.constant(0), fc.nat(20_000)),
      asks: fc.boolean(),
      repeat: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 20 })),
    });
    const history: fc.Arbitrary<History> = fc.array(step, { maxLength: 30 });
    const limits = fc
      .tuple(fc.integer({ min: 1, max: 2_000 }), fc.nat(2_000), fc.nat(4_000), fc.integer({ min: 1, max: 400 }))
      .map(([blockedAfterMs, more, evenMore, mostPerTickMs]) => ({
        blockedAfterMs,
        unreadyAfterMs: blockedAfterMs + more,
        deadAfterMs: blockedAfterMs + more + evenMore,
        mostPerTickMs,
      }));
    fc.assert(
      fc.property(history, limits, fc.integer({ min: 0, max: 2 ** 33 }), (history, limits, startAt) => {
        const model = new LoopModel(limits, startAt, epoch);
        let state = initialLoopState(model.tick());
        for (const step of history) {
          for (let i = 0; i < step.repeat; i++) {
            // Only what is silent is repeated.
            model.pass(i === 0 ? step : { ...step, beats: false });
            const reduced = reduceLoop(state, model.tick(), limits);
            state = reduced.state;
            const { now, beat, ...told } = state;
            expect([told, reduced.ended]).toEqual([model.state(), model.ended()]);
          }
        }
      }),
      runs(300),
    );
  });
});
