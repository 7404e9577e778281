import { describe, expect, it } from "vitest";
import { shown } from "./kinds.ts";
import { type Place, places } from "./places.ts";
import { errorOf } from "./refusal.ts";

/** The error that options get there; undefined where they are taken. */
function refused({ give, base }: Place, options: object): Promise<unknown> {
  return errorOf(() => give({ ...base, ...options } as never));
}

describe.each(places)("the options of $where", (place) => {
  const { where, options, base } = place;

  it.each(Object.entries(options))("%s is refused where it cannot be meant", async (key, { must, bad, says }) => {
    for (const value of bad) {
      const is = shown(value);
      const message = says?.(key, where, is) ?? `${key} of ${where} must be ${must}, got ${is}`;
      expect(await refused(place, { [key]: value })).toEqual({ code: "invalid_option", message });
    }
  });

  it.each(Object.entries(options))("%s is taken to the very bounds", async (key, { good }) => {
    for (const value of good) expect(await refused(place, { [key]: value }), shown(value)).toBeUndefined();
  });

  it("may be undefined, unless they are needed", async () => {
    for (const key of Object.keys(options)) {
      if (key in base) continue;
      expect(await refused(place, { [key]: undefined }), key).toBeUndefined();
    }
  });

  it("are those that an unknown one is told of, and all of them are tried here", async () => {
    const known = Object.keys(options).sort().join(", ");
    for (const typo of ["intervalMS", "typo", "constructor"]) {
      expect(await refused(place, { [typo]: 1 })).toEqual({
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
        if (where === "detail of endpoints" && !Array.isArray(value)) continue;
        expect(await errorOf(() => give(value as never))).toEqual({
          code: "invalid_option",
          message: `${where} must be an object of options, got ${shown(value)}`,
        });
      }
    },
  );
});
