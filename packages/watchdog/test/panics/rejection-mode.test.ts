import { describe, expect, it } from "vitest";
import { rejectionMode } from "../../src/panics/rejection-mode.ts";

describe("rejectionMode", () => {
  it.each<[readonly string[], string | undefined, string]>([
    [[], undefined, "throw"],
    [[], "", "throw"],
    [["--enable-source-maps"], "--max-old-space-size=50", "throw"],
    [["--unhandled-rejections=warn"], undefined, "warn"],
    [["--unhandled-rejections", "none"], undefined, "none"],
    [["--unhandled_rejections=strict"], undefined, "strict"],
    [["--unhandled-rejections=none", "--unhandled-rejections=warn"], undefined, "warn"],
    [[], "--enable-source-maps  --unhandled-rejections=warn-with-error-code", "warn-with-error-code"],
    [[], '"--unhandled-rejections=warn" --enable-source-maps', "warn"],
    [[], '--unhandled-rejections "none"', "none"],
    [["--unhandled-rejections=strict"], "--unhandled-rejections=none", "strict"],
    [["--unhandled-rejections=nonsense"], undefined, "throw"],
    [["--unhandled-rejections"], undefined, "throw"],
    [["--title=--unhandled-rejections=none"], undefined, "throw"],
  ])("of %j and %j is %s", (execArgv, nodeOptions, mode) => {
    expect(rejectionMode(execArgv, nodeOptions)).toBe(mode);
  });
});
