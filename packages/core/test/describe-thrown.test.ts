import { describeThrown } from "@otel-health/core";
import { describe, expect, it } from "vitest";
import { hostileThrown } from "./hostile/hostile-thrown.ts";

describe("describeThrown", () => {
  it("says what an error and its causes say, in one bounded line without credentials", () => {
    const cause = Object.assign(new Error("connect to postgres://app:secret@db/orders"), { code: "ECONNREFUSED" });
    expect(describeThrown(new TypeError("no\nrows", { cause }))).toEqual({
      message: "no rows: connect to postgres://***@db/orders",
      errorType: "ECONNREFUSED",
    });
    expect(describeThrown(new Error("x".repeat(10_000))).message).toHaveLength(500);
  });

  it.each(hostileThrown)("takes $what", ({ thrown, message }) => {
    const described = describeThrown(thrown());
    // A function is not looked into: its kind says enough.
    expect([message, "threw a function"]).toContain(described.message);
    expect(described.errorType).not.toBe("");
  });
});
