import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { loadSync } from "@grpc/proto-loader";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeService, encodeList, type ServingStatus, servingStatus, statusBytes } from "../src/messages.ts";

const require = createRequire(import.meta.url);
const proto = join(dirname(require.resolve("grpc-health-check/package.json")), "proto/health/v1/health.proto");
const official = loadSync(proto, { enums: String, defaults: true });
// biome-ignore lint/suspicious/noExplicitAny: what a loaded proto looks like is known at run time only
const methods = official["grpc.health.v1.Health"] as any;
const words = Object.keys(servingStatus) as ServingStatus[];
const anyService = fc.string({ unit: "binary", maxLength: 300 }).filter((text) => text.isWellFormed());

describe("statusBytes", () => {
  it.each(words)("is %s to the official proto", (status) => {
    expect(methods.Check.responseDeserialize(statusBytes[status])).toEqual({ status });
    expect(methods.Check.responseSerialize({ status })).toEqual(statusBytes[status]);
  });
});

describe("encodeList", () => {
  it("is what the official proto reads, whatever the names", () => {
    const statuses = fc.dictionary(anyService, fc.constantFrom(...words), { noNullPrototype: true });
    fc.assert(
      fc.property(statuses, (given) => {
        const expected = Object.fromEntries(Object.entries(given).map(([name, status]) => [name, { status }]));
        expect(methods.List.responseDeserialize(encodeList(Object.entries(given)))).toEqual({ statuses: expected });
      }),
    );
  });
});

describe("decodeService", () => {
  it("reads what the official proto writes", () => {
    fc.assert(
      fc.property(anyService, (service) => {
        expect(decodeService(methods.Check.requestSerialize({ service }))).toBe(service);
      }),
    );
  });

  it("skips fields of the future, and takes the last of several names", () => {
    const service = (name: string) => [0x0a, name.length, ...Buffer.from(name)];
    const future = [
      [0x10, 0xff, 0x01], // varint
      [0x19, 1, 2, 3, 4, 5, 6, 7, 8], // 64 bit
      [0x1d, 1, 2, 3, 4], // 32 bit
      [0x22, 3, 9, 9, 9], // bytes
      [0x08, 1], // the name's number, as a varint
      [0xfa, 0xff, 0xff, 0xff, 0x0f, 1, 9], // the highest field number
    ];
    for (const field of future) {
      expect(decodeService(Buffer.from([...field, ...service("a")]))).toBe("a");
      expect(decodeService(Buffer.from([...service("a"), ...field]))).toBe("a");
    }
    expect(decodeService(Buffer.from([...service("a"), ...service("b")]))).toBe("b");
  });

  it.each([
    ["half a name", [0x0a, 5, 97]],
    ["a name without length", [0x0a]],
    ["a length without end", [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ["half a 64 bit field", [0x19, 1, 2, 3]],
    ["half a 32 bit field", [0x1d, 1]],
    ["a varint without end", [0x10, 0xff]],
    ["a group", [0x0b, 0x0c]],
    ["field number 0", [0x02, 1, 97]],
    ["a wire type that there is not", [0x0e, 1]],
    ["a name that is no UTF-8", [0x0a, 2, 0xc3, 0x28]],
  ])("takes %s for no message", (_what, bytes) => {
    expect(decodeService(Buffer.from(bytes))).toBeUndefined();
  });

  it("never throws, and never hangs, for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(["string", "undefined"]).toContain(typeof decodeService(bytes));
      }),
      { numRuns: 2_000 },
    );
  });
});
