import { describe, expect, it } from "vitest";
import { expectation } from "../../src/tcp/expectation.ts";
import { complaint } from "../running.ts";

const of = (expected: string | Uint8Array | RegExp) => expectation("tcp()", expected);
const bytes = (text: string) => Buffer.from(text);

describe("expectation", () => {
  it.each([
    ["the whole of it", "220 mail", "220 mail.example.com ESMTP", undefined],
    ["nothing yet", "220", "", "more"],
    ["its beginning", "220", "22", "more"],
    ["bytes", Uint8Array.of(0, 255), "\u0000", "more"],
    ["a match", /ready/i, "I am Ready", undefined],
    ["no match yet", /ready/, "I am rea", "more"],
  ])("knows %s", (_name, expected, received, judged) => {
    expect(of(expected)(bytes(received), false)).toBe(judged);
  });

  it("does not wait for more where the beginning is another already", () => {
    expect(of("220 mail")(bytes("5"), false)).toMatchObject({
      status: "fail",
      errorType: "unexpected_answer",
      fault: "persistent",
      message: 'it answered "5", which is not what was expected',
    });
  });

  it("does not go on where a pattern stopped the last time", () => {
    const judge = of(/a/g);
    expect(judge(bytes("a"), false)).toBeUndefined();
    expect(judge(bytes("a"), false)).toBeUndefined();
  });

  it("looks at so much and no further, and shows little of it", () => {
    const judged = of(/z/)(Buffer.alloc(65_536, "a"), false);
    expect(judged).toMatchObject({ errorType: "unexpected_answer" });
    expect((judged as { message: string }).message.length).toBeLessThan(120);
    expect(of(/z/)(Buffer.alloc(65_535, "a"), false)).toBe("more");
  });

  it("says that the end came too early, and after what", () => {
    const judge = of("220 mail");
    expect(judge(bytes(""), true)).toMatchObject({
      errorType: "closed",
      message: expect.stringContaining("without a word"),
    });
    expect(judge(bytes("220"), true)).toMatchObject({ errorType: "closed", message: expect.stringContaining('"220"') });
    expect(judge(bytes("220 mail"), true)).toBeUndefined();
  });

  it.each([[""], [new Uint8Array()], [5], [null], [{}]])("refuses %j", (expected) => {
    expect(complaint(() => of(expected as never))).toContain("expect of tcp() must be a string, bytes or a regular");
  });
});
