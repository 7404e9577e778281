import { expect, it } from "vitest";

it("refuses a regular expression that would match any text", () => {
  expect(() => expect({ message: "two" }).toMatchObject({ message: /one/ })).toThrow(
    "/one/ is compared with a text: say expect.stringMatching(/one/)",
  );
  expect(() => expect({ deep: [{ message: "two" }] }).toMatchObject({ deep: [{ message: /two/ }] })).toThrow("/two/");
  expect({ message: "two" }).toMatchObject({ message: expect.stringMatching(/^two$/) });
  expect({ pattern: /one/ }).toMatchObject({ pattern: /one/ });
});
