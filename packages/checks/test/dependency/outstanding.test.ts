import { FakeClock, settle } from "@otel-health/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { Outstanding } from "../../src/dependency/outstanding.ts";

let clock: FakeClock;
let asked: PromiseWithResolvers<string>[];
let unwanted: string[];
let outstanding: Outstanding<string>;

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  unwanted = [];
  outstanding = new Outstanding((answer) => unwanted.push(answer));
});

/** A run that asks, until it is given up. */
function ask() {
  const controller = new AbortController();
  const answer = outstanding.ask({ signal: controller.signal, clock }, () => {
    const question = Promise.withResolvers<string>();
    asked.push(question);
    return question.promise;
  });
  return {
    answer,
    async giveUp() {
      controller.abort(new Error("given up"));
      await expect(answer).rejects.toThrow("given up");
    },
  };
}

describe("Outstanding", () => {
  it("answers with what the question's answer is", async () => {
    const { answer } = ask();
    expect(outstanding.size).toBe(1);
    asked[0]?.resolve("pong");
    expect(await answer).toBe("pong");
    expect(outstanding.size).toBe(0);
  });

  it("fails as the question does, also where asking throws", async () => {
    const { answer } = ask();
    asked[0]?.reject(new Error("refused"));
    await expect(answer).rejects.toThrow("refused");
    const { signal } = new AbortController();
    const thrown = outstanding.ask({ signal, clock }, () => {
      throw new Error("closed");
    });
    await expect(thrown).rejects.toThrow("closed");
    expect(outstanding.size).toBe(0);
  });

  it("leaves no more than three questions behind, however often it is asked", async () => {
    for (let run = 0; run < 10; run++) {
      await ask().giveUp();
      await clock.advance(1_000);
    }
    expect(asked).toHaveLength(3);
    expect(outstanding.size).toBe(3);
  });

  it("takes any answer that comes for its own", async () => {
    await ask().giveUp();
    const { answer } = ask();
    asked[0]?.resolve("late pong");
    expect(await answer).toBe("late pong");
    expect(asked).toHaveLength(2);
  });

  it("is not failed by the failure of an older question", async () => {
    await ask().giveUp();
    const { answer } = ask();
    asked[0]?.reject(new Error("that connection is gone"));
    await settle();
    asked[1]?.resolve("pong");
    expect(await answer).toBe("pong");
  });

  it("fails with its own question, though older ones are out", async () => {
    await ask().giveUp();
    const { answer } = ask();
    asked[1]?.reject(new Error("refused"));
    await expect(answer).rejects.toThrow("refused");
  });

  it("hears of a failure where it could ask nothing itself", async () => {
    for (let run = 0; run < 3; run++) await ask().giveUp();
    const { answer } = ask();
    expect(asked).toHaveLength(3);
    for (const question of asked) question.reject(new Error("connection lost"));
    await expect(answer).rejects.toThrow("connection lost");
    await settle();
    expect(outstanding.size).toBe(0);
  });

  it("asks once more a minute after the oldest, which the driver may have lost", async () => {
    for (let run = 0; run < 3; run++) await ask().giveUp();
    await clock.advance(59_999);
    await ask().giveUp();
    expect(asked).toHaveLength(3);
    await clock.advance(1);
    const { answer } = ask();
    expect(asked).toHaveLength(4);
    expect(outstanding.size).toBe(3);
    asked[3]?.resolve("pong");
    expect(await answer).toBe("pong");
  });

  it("hands over what nobody waits for any more", async () => {
    await ask().giveUp();
    asked[0]?.resolve("late");
    await settle();
    expect(unwanted).toEqual(["late"]);
  });

  it("hands over what comes in the very moment in which a run is given up", async () => {
    const { answer, giveUp } = ask();
    asked[0]?.resolve("just late");
    // The answer is on its way to the run by then, and the run gets its signal first.
    await Promise.resolve();
    await Promise.resolve();
    await giveUp().catch(async () => expect(await answer).toBe("just late"));
    await settle();
    expect([...unwanted, await answer.catch(() => "given up")]).toContain("just late");
  });

  it("goes on where what is handed over cannot be given back", async () => {
    outstanding = new Outstanding(() => {
      throw new Error("that pool is closed");
    });
    await ask().giveUp();
    asked[0]?.resolve("late");
    await settle();
    expect(outstanding.size).toBe(0);
  });

  it("gives each of two runs an answer of its own", async () => {
    const one = ask();
    const two = ask();
    asked[1]?.resolve("second");
    asked[0]?.resolve("first");
    expect([await one.answer, await two.answer].sort()).toEqual(["first", "second"]);
    expect(unwanted).toEqual([]);
  });
});
