import type { StatusCodes } from "@otel-health/core";
import type { AnswerPlan } from "./publication.ts";

/** The first word counts all answers, so that one look tells that there were none. */
const all = 0;

/** Codes that every probe may answer with, whatever its verdict: what is below it is not served, or not by this method. */
const refusals = [404, 405];

/** The shared counters of one path's answers: where they begin, and the code that each of them counts. */
interface Slots {
  readonly from: number;
  readonly probe: AnswerPlan["probe"];
  readonly codes: readonly number[];
}

/**
 * Answers by plan and status code, counted by one thread in memory from which another takes them. They outlive the thread
 * that counts.
 */
export class AnswerCounts {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #slots: readonly Slots[];
  /** What was taken of each counter so far. */
  readonly #taken: Int32Array;

  constructor(plans: readonly AnswerPlan[], words: Int32Array<SharedArrayBuffer>) {
    this.#words = words;
    this.#slots = slotsOf(plans);
    this.#taken = new Int32Array(words.length);
  }

  /** Counters for {@link AnswerCounts}, all 0. */
  static words(plans: readonly AnswerPlan[]): Int32Array<SharedArrayBuffer> {
    const words = slotsOf(plans).reduce((sum, { codes }) => sum + codes.length, 1);
    return new Int32Array(new SharedArrayBuffer(4 * words));
  }

  /** One more answer to a plan, by its number. */
  count(plan: number, status: number): void {
    const slots = this.#slots[plan];
    const code = slots?.codes.indexOf(status) ?? -1;
    if (slots === undefined || code < 0) return;
    Atomics.add(this.#words, slots.from + code, 1);
    Atomics.add(this.#words, all, 1);
  }

  /** Calls `take` with what was counted since the last call. */
  take(take: (probe: AnswerPlan["probe"], status: number, times: number) => void): void {
    if (this.#news(all) === 0) return;
    for (const { from, probe, codes } of this.#slots) {
      codes.forEach((status, i) => {
        const times = this.#news(from + i);
        if (times !== 0) take(probe, status, times);
      });
    }
  }

  /** What a counter has counted since it was asked last. */
  #news(at: number): number {
    const counted = Atomics.load(this.#words, at);
    // One that comes round still differs by what was counted.
    const times = (counted - (this.#taken[at] as number)) | 0;
    this.#taken[at] = counted;
    return times;
  }
}

function slotsOf(plans: readonly AnswerPlan[]): readonly Slots[] {
  let from = 1;
  return plans.map(({ probe, statusCodes }) => {
    const codes = [...new Set([...codesOf(statusCodes), ...refusals])];
    from += codes.length;
    return { from: from - codes.length, probe, codes };
  });
}

function codesOf({ healthy, degraded, unhealthy }: StatusCodes): readonly number[] {
  return [healthy, degraded, unhealthy];
}
