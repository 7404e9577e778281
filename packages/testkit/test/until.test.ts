import { until } from "@otel-health/testkit";
import { describe, expect, expectTypeOf, it } from "vitest";

describe("until", () => {
  it("resolves to the first value that is neither undefined nor false", async () => {
    const answers = [undefined, false, 0, 7] as const;
    let calls = 0;
    const value = await until(() => answers[calls++], { describe: "an answer", everyMs: 1 });
    expectTypeOf(value).toEqualTypeOf<0 | 7>();
    expect(value).toBe(0);
    expect(calls).toBe(3);
  });

  it("asks again after an error", async () => {
    let calls = 0;
    const probe = async () => {
      calls += 1;
      if (calls < 3) throw new Error("not yet");
      return "there";
    };
    expect(await until(probe, { describe: "it", everyMs: 1 })).toBe("there");
  });

  it("says what it waited for and what it saw last", async () => {
    const cause = new Error("connect ECONNREFUSED");
    const failing = until(() => Promise.reject(cause), { describe: "a connection", timeoutMs: 30, everyMs: 1 });
    await expect(failing).rejects.toThrow("not within 30 ms: a connection; last seen: Error: connect ECONNREFUSED");
    await expect(failing).rejects.toHaveProperty("cause", cause);

    let count = 0;
    const counting = until(() => ++count < 0, {
      describe: () => `count below 0, not ${count}`,
      timeoutMs: 30,
      everyMs: 1,
    });
    await expect(counting).rejects.toThrow(/^not within 30 ms: count below 0, not [1-9]\d*; last seen: false$/);
  });

  it("gives up on a probe that never settles", async () => {
    const stuck = until(() => new Promise<never>(() => {}), { describe: "news", timeoutMs: 30 });
    await expect(stuck).rejects.toThrow("not within 30 ms: news; last seen: nothing, the probe did not settle");
  });
});
