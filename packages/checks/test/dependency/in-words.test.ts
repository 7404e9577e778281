import { describe, expect, it } from "vitest";
import { bytesInWords, timeInWords } from "../../src/dependency/in-words.ts";

describe("timeInWords", () => {
  it.each([
    [-5, "0 seconds"],
    [119_999, "119 seconds"],
    [120_000, "2 minutes"],
    [7_200_000, "2 hours"],
    [172_799_999, "47 hours"],
    [172_800_000, "2 days"],
  ])("says %d ms as %s", (ms, words) => expect(timeInWords(ms)).toBe(words));
});

describe("bytesInWords", () => {
  it.each([
    [0, "0 bytes"],
    [1_023, "1023 bytes"],
    [1_536, "1.5 KiB"],
    [2 ** 20, "1 MiB"],
    [2 ** 30 * 9.96, "10 GiB"],
    [2 ** 40 * 3_000, "3000 TiB"],
  ])("says %d as %s", (bytes, words) => expect(bytesInWords(bytes)).toBe(words));
});
