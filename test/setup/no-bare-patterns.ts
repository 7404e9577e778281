import { expect } from "vitest";

/** `toMatchObject` takes a regular expression for an object without properties, which any text has: it would match all. */
expect.addEqualityTesters([
  (received: unknown, expected: unknown) => {
    if (typeof received === "string" && expected instanceof RegExp)
      throw new Error(`${expected} is compared with a text: say expect.stringMatching(${expected})`);
    return undefined;
  },
]);
