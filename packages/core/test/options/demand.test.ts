import { demand, demandMs, isHealthError } from "@otel-health/core";
import { describe, expect, it } from "vitest";

function errorOf(give: () => void): unknown {
  try {
    give();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("demand", () => {
  it("says what must be what and what it was", () => {
    const error = errorOf(() => demand(false, "port of listen()", "a whole number", "80"));
    expect(isHealthError(error)).toBe(true);
    expect(error).toMatchObject({
      code: "invalid_option",
      message: 'port of listen() must be a whole number, got "80"',
    });
  });

  it("lets pass what is good", () => {
    expect(errorOf(() => demand(true, "port", "a whole number", "80"))).toBeUndefined();
  });
});

describe("demandMs", () => {
  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "5", null, undefined])("refuses %s", (given) => {
    expect(errorOf(() => demandMs("delayMs of x()", given))).toMatchObject({
      code: "invalid_option",
      message: expect.stringMatching(/^delayMs of x\(\) must be milliseconds from 0 to 2147483647, got /),
    });
  });

  it("takes what a timer can wait, from its own least on", () => {
    for (const given of [0, 0.5, 2 ** 31 - 1]) expect(errorOf(() => demandMs("delayMs", given))).toBeUndefined();
    expect(errorOf(() => demandMs("delayMs", 5, 5))).toBeUndefined();
    expect(errorOf(() => demandMs("delayMs", 4, 5))).toMatchObject({
      message: "delayMs must be milliseconds from 5 to 2147483647, got 4",
    });
  });
});
