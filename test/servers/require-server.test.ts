import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { missing } from "./require-server.ts";

beforeEach(() => {
  vi.stubEnv("CI", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("missing", () => {
  it("is false, and silent, for programs that are installed", () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(missing("sh", "env")).toBe(false);
    expect(write).not.toHaveBeenCalled();
  });

  it("is true if one is not installed, and says so once", () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(missing("sh", "no-such-server")).toBe(true);
    expect(missing("no-such-server")).toBe(true);
    expect(write).toHaveBeenCalledOnce();
    expect(write).toHaveBeenCalledWith(expect.stringContaining("NOT INSTALLED: no-such-server"));
  });

  it("throws in CI", () => {
    vi.stubEnv("CI", "true");
    expect(() => missing("no-such-server")).toThrow("NOT INSTALLED: no-such-server. Run test/servers/install.sh.");
    expect(missing("sh")).toBe(false);
  });
});
