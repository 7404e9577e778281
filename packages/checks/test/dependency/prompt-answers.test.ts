import type { RunContext } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { PromptAnswers } from "../../src/dependency/prompt-answers.ts";

let clock: FakeClock;
let asked: PromiseWithResolvers<string>[];
let answers: PromptAnswers<string>;

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  answers = new PromptAnswers();
});

function run() {
  const controller = new AbortController();
  const context: RunContext = { signal: controller.signal, clock, timeoutMs: 2_000 };
  const answer = answers.ask(context, () => {
    const question = Promise.withResolvers<string>();
    asked.push(question);
    return question.promise;
  });
  answer.catch(() => {});
  return { answer, giveUp: () => controller.abort(new Error("given up")) };
}

describe("PromptAnswers", () => {
  it("takes an answer of the run itself, and one of an earlier run that is not late", async () => {
    const first = run();
    await clock.advance(1_000);
    first.giveUp();
    const second = run();
    await clock.advance(1_000);
    asked[0]?.resolve("in time");
    expect(await second.answer).toBe("in time");
  });

  it("takes no late answer: a server that is too slow must not pass by answering the run before", async () => {
    const first = run();
    await clock.advance(2_000);
    first.giveUp();
    await clock.advance(500);
    const second = run();
    asked[0]?.resolve("late");
    await settle();
    // The second has asked at its start, and asks once more now that one is back.
    expect(asked.length).toBeGreaterThan(1);
    asked.at(-1)?.resolve("prompt");
    expect(await second.answer).toBe("prompt");
  });

  it("asks anew once a server that hung gives its late answers", async () => {
    for (let i = 0; i < 3; i++) {
      const { giveUp, answer } = run();
      await clock.advance(2_000);
      giveUp();
      await expect(answer).rejects.toThrow("given up");
    }
    const fourth = run();
    expect(asked).toHaveLength(3);
    asked[0]?.resolve("late");
    await settle();
    expect(asked).toHaveLength(4);
    asked[3]?.resolve("prompt");
    expect(await fourth.answer).toBe("prompt");
  });

  it("waits for none of those that were lost with their connection", async () => {
    for (let i = 0; i < 3; i++) run().giveUp();
    answers.forget();
    const { answer } = run();
    expect(asked).toHaveLength(4);
    asked[3]?.resolve("prompt");
    expect(await answer).toBe("prompt");
  });
});
