import { describe, expect, it } from "vitest";
import { failure } from "../../src/dependency/diagnosis.ts";

const error = (code: string) => Object.assign(new Error("it broke"), { code });

describe("failure()", () => {
  it("knows the network's own errors, also below what wraps them", () => {
    const wrapped = new TypeError("fetch failed", { cause: error("ECONNREFUSED") });
    expect(failure(wrapped)).toMatchObject({
      status: "fail",
      message: "fetch failed: it broke",
      errorType: "ECONNREFUSED",
      hint: expect.stringContaining("nothing listens"),
    });
    expect(failure(wrapped).fault).toBeUndefined();
  });

  it("does not take a certificate for something that mends itself", () => {
    expect(failure(error("CERT_HAS_EXPIRED"))).toMatchObject({ fault: "persistent", hint: expect.any(String) });
  });

  it("prefers what the driver's own table says", () => {
    const outcome = failure(error("ECONNRESET"), (_error, errorType) => ({
      errorType: `own_${errorType}`,
      fault: "fatal",
    }));
    expect(outcome).toMatchObject({ message: "it broke", errorType: "own_ECONNRESET", fault: "fatal" });
  });

  it("takes a message that says more than the error's own", () => {
    expect(failure(error("X"), () => ({ message: "the disk is full" })).message).toBe("the disk is full");
  });

  it("is a failure with a type whatever was thrown", () => {
    const hostile = new Proxy(new Error("hostile"), {
      get() {
        throw new Error("no");
      },
    });
    for (const thrown of [undefined, null, 0n, "text", {}, hostile]) {
      const outcome = failure(thrown, (given) => ({ hint: (given as Error).message }));
      expect(outcome).toMatchObject({ status: "fail", message: expect.any(String), errorType: expect.any(String) });
    }
  });
});
