import { describe, expect, it } from "vitest";
import { AnswerCounts } from "../../src/memory/answer-counts.ts";
import type { AnswerPlan } from "../../src/memory/publication.ts";

const plans: readonly AnswerPlan[] = [
  {
    paths: ["/readyz"],
    probe: "readiness",
    format: "json",
    statusCodes: { healthy: 200, degraded: 200, unhealthy: 503 },
  },
  {
    paths: ["/livez"],
    probe: "liveness",
    format: "json",
    statusCodes: { healthy: 200, degraded: 299, unhealthy: 404 },
  },
];

/** What is taken, as `["readiness 200", 3]`. */
function taken(counts: AnswerCounts): readonly (readonly [string, number])[] {
  const all: [string, number][] = [];
  counts.take((probe, status, times) => all.push([`${probe} ${status}`, times]));
  return all;
}

describe("AnswerCounts", () => {
  it("gives one side what the other has counted, once", () => {
    const words = AnswerCounts.words(plans);
    const counting = new AnswerCounts(plans, words);
    const taking = new AnswerCounts(plans, words);
    expect(taken(taking)).toEqual([]);
    for (const status of [200, 503, 200, 405, 404]) counting.count(0, status);
    for (const status of [404, 299, 404]) counting.count(1, status);
    expect(taken(taking)).toEqual([
      ["readiness 200", 2],
      ["readiness 503", 1],
      ["readiness 404", 1],
      ["readiness 405", 1],
      ["liveness 299", 1],
      ["liveness 404", 2],
    ]);
    expect(taken(taking)).toEqual([]);
    counting.count(1, 200);
    expect(taken(taking)).toEqual([["liveness 200", 1]]);
  });

  it("goes on where another thread has counted before", () => {
    const words = AnswerCounts.words(plans);
    const taking = new AnswerCounts(plans, words);
    new AnswerCounts(plans, words).count(0, 200);
    expect(taken(taking)).toEqual([["readiness 200", 1]]);
    new AnswerCounts(plans, words).count(0, 200);
    expect(taken(taking)).toEqual([["readiness 200", 1]]);
  });

  it("counts on when a counter comes round", () => {
    const words = AnswerCounts.words(plans);
    words.fill(2 ** 31 - 2);
    const counting = new AnswerCounts(plans, words);
    const taking = new AnswerCounts(plans, words);
    taken(taking);
    for (let i = 0; i < 5; i++) counting.count(0, 200);
    expect(words[1]).toBe(-(2 ** 31) + 3);
    expect(taken(taking)).toEqual([["readiness 200", 5]]);
  });

  it("counts nothing that is not planned", () => {
    const words = AnswerCounts.words(plans);
    const counts = new AnswerCounts(plans, words);
    counts.count(0, 299);
    counts.count(2, 200);
    expect(taken(counts)).toEqual([]);
  });
});
