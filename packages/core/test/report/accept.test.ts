import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatOf } from "../../src/report/accept.ts";
import { runs } from "../properties/settings.ts";

describe("formatOf", () => {
  it.each([
    [undefined, "json"],
    ["", "json"],
    ["*/*", "json"],
    ["application/json", "json"],
    ["application/*", "json"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "json"],
    ["application/json, text/plain, */*", "json"],
    ["image/png", "json"],
    ["application/json;q=0", "json"],
    ["text/plain", "text"],
    ["TEXT/Plain ; charset=utf-8", "text"],
    ["text/*", "text"],
    ["text/plain, */*", "text"],
    ["application/json;q=0.5, text/plain;q=0.6", "text"],
    ["application/json;q=0, */*;q=0.1", "health+json"],
    ["application/health+json", "health+json"],
    ["application/health+json, application/json;q=0.9", "health+json"],
    ["text/plain;q=2", "json"],
    ["text/plain;q=many, application/health+json;q=0.1", "health+json"],
    [["text/plain"], "json"],
    [`text/plain,${" ".repeat(1_000)}`, "json"],
  ])("reads %o as %s", (accept, format) => {
    expect(formatOf(accept)).toBe(format);
  });

  it("gives one of the formats for anything that anyone can send", () => {
    const part = fc.constantFrom(
      "text/plain",
      "application/json",
      "application/health+json",
      "*/*",
      "text/*",
      ";q=0.5",
      ";q=",
      ",",
      " ",
    );
    const any = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(part).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(any, (accept) => {
        expect(["json", "health+json", "text"]).toContain(formatOf(accept));
      }),
      runs(500),
    );
  });

  it("gives no format that is refused while another is not", () => {
    const types = { json: "application/json", "health+json": "application/health+json", text: "text/plain" } as const;
    const quality = fc.constantFrom(0, 0.1, 0.5, 1);
    fc.assert(
      fc.property(fc.record({ json: quality, "health+json": quality, text: quality }), (liked) => {
        const entries = Object.entries(liked) as [keyof typeof types, number][];
        const format = formatOf(entries.map(([format, q]) => `${types[format]};q=${q}`).join(", "));
        const best = Math.max(...Object.values(liked));
        if (best > 0) expect(liked[format]).toBe(best);
        else expect(format).toBe("json");
      }),
      runs(200),
    );
  });
});
