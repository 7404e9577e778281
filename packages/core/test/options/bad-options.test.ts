import { isHealthError } from "@otel-health/core";
import { describe, expect, it } from "vitest";
import { shown } from "./kinds.ts";
import { type Place, places } from "./places.ts";

/** What is thrown, or rejected with, for options given there; undefined where they are taken. */
async function thrownFor({ give, base }: Place, options: object): Promise<unknown> {
  try {
    await give({ ...base, ...options } as never);
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

function asError(thrown: unknown): { code: string; message: string } | unknown {
  return isHealthError(thrown) ? { code: thrown.code, message: thrown.message } : thrown;
}

describe.each(places)("the options of $where", (place) => {
  const { where, options, base } = place;
  const wrong = Object.entries(options).flatMap(([key, kind]) =>
    kind.bad.map((value) => ({ key, kind, value, is: shown(value) })),
  );
  const right = Object.entries(options).flatMap(([key, kind]) =>
    kind.good.map((value) => ({ key, value, is: shown(value) })),
  );

  it.each(wrong)("$key is refused if it is $is", async ({ key, kind, value, is }) => {
    const message = kind.says?.(key, where, is) ?? `${key} of ${where} must be ${kind.must}, got ${is}`;
    expect(asError(await thrownFor(place, { [key]: value }))).toEqual({ code: "invalid_option", message });
  });

  it.each(right)("$key may be $is", async ({ key, value }) => {
    expect(await thrownFor(place, { [key]: value })).toBeUndefined();
  });

  it("may be undefined, unless they are needed", async () => {
    for (const key of Object.keys(options)) {
      if (key in base) continue;
      expect(await thrownFor(place, { [key]: undefined }), key).toBeUndefined();
    }
  });

  it("are those that an unknown one is told of, and all of them are tried here", async () => {
    const known = Object.keys(options).sort().join(", ");
    for (const typo of ["intervalMS", "typo", "constructor"]) {
      expect(asError(await thrownFor(place, { [typo]: 1 }))).toEqual({
        code: "invalid_option",
        message: `${typo} is not an option of ${where}; the options are: ${known}`,
      });
    }
  });
});

describe("the options as a whole", () => {
  it.each(places.filter(({ where }) => !/^(?:check|probe|startup task|aggregate$)/.test(where)))(
    "of $where must be an object",
    async ({ give, where }) => {
      for (const value of [null, 5, "text", true, [], () => {}]) {
        // What a value of one of these kinds may be instead of options is tried above.
        if (where === "detail of endpoints" && typeof value !== "object") continue;
        let thrown: unknown;
        try {
          await give(value as never);
        } catch (error) {
          thrown = error;
        }
        expect(asError(thrown)).toEqual({
          code: "invalid_option",
          message: `${where} must be an object of options, got ${shown(value)}`,
        });
      }
    },
  );
});
