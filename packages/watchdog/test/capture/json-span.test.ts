import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementsOf, type JsonSpan, membersOf, valueAt } from "../../src/capture/json-span.ts";

const whole = (json: Buffer): JsonSpan => ({ start: 0, end: json.length });
const indent = fc.constantFrom(undefined, 1, "\t");

describe("the spans of a JSON text", () => {
  it("hold the values of an object", () => {
    // A key that is written with an escape is no key of a source map.
    const key = fc.string().filter((text) => JSON.stringify(text) === `"${text}"`);
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue()), indent, (value, space) => {
        const json = Buffer.from(JSON.stringify(value, undefined, space));
        const members = membersOf(json, whole(json));
        const entries = [...members].map(([name, span]) => [name, valueAt(json, span, json.length)]);
        expect(entries).toEqual(Object.entries(JSON.parse(json.toString())));
      }),
    );
  });

  it("hold the values of an array", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), indent, (value, space) => {
        const json = Buffer.from(JSON.stringify(value, undefined, space));
        const values = [...elementsOf(json, whole(json))].map((span) => valueAt(json, span, json.length));
        expect(values).toEqual(JSON.parse(json.toString()));
      }),
    );
  });

  it.each([
    "",
    "1",
    "[",
    "{",
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1 "b":2}',
    '{"a',
    "{1:2}",
    '{"a":[1}',
    "[1",
    '["',
    "[1 2]",
  ])("are none in %j", (text) => {
    const json = Buffer.from(text);
    const read = () => [membersOf(json, whole(json)), ...elementsOf(json, whole(json))];
    expect(read).toThrow();
  });

  it("end, whatever they are taken from", () => {
    const part = fc.constantFrom("{", "}", "[", "]", '"', "\\", ",", ":", " ", "a", "1");
    fc.assert(
      fc.property(fc.string({ unit: part, maxLength: 30 }), (text) => {
        const json = Buffer.from(text);
        for (const read of [membersOf, (...given: Parameters<typeof elementsOf>) => [...elementsOf(...given)]]) {
          try {
            read(json, whole(json));
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
      }),
    );
  });

  it("are not made values of where they are too long", () => {
    const json = Buffer.from('["long"]');
    expect(() => valueAt(json, whole(json), 7)).toThrow("a value of more than 7 bytes");
  });
});
