import { describe, expect, it } from "vitest";
import { diagnoseFileSystem } from "../../src/filesystem/diagnose.ts";
import { FileCalls } from "../../src/filesystem/file-calls.ts";

const never = new AbortController().signal;

describe("FileCalls", () => {
  it("has one under way, whoever has given up, and hands its answer to who waits now", async () => {
    const calls = new FileCalls<number>();
    const answer = Promise.withResolvers<number>();
    let called = 0;
    const call = () => {
      called++;
      return answer.promise;
    };
    for (let run = 0; run < 5; run++) {
      const controller = new AbortController();
      const asked = calls.ask(controller.signal, call);
      controller.abort(new Error("time is up"));
      await expect(asked).rejects.toThrow("time is up");
    }
    expect(called).toBe(1);
    const last = calls.ask(never, call);
    answer.resolve(5);
    expect(await last).toBe(5);
    expect(called).toBe(1);
    expect(await calls.ask(never, async () => 6)).toBe(6);
  });

  it("hands on an error, and begins anew after it", async () => {
    const calls = new FileCalls<number>();
    await expect(calls.ask(never, () => Promise.reject(new Error("EIO")))).rejects.toThrow("EIO");
    expect(await calls.ask(never, async () => 6)).toBe(6);
  });
});

describe("diagnoseFileSystem", () => {
  it.each([
    ["EROFS", "persistent"],
    ["ENOSPC", undefined],
    ["EDQUOT", undefined],
    ["EIO", "persistent"],
    ["ENOTCONN", "persistent"],
    ["ESTALE", "persistent"],
  ])("knows %s", (code, fault) => {
    const diagnosis = diagnoseFileSystem(undefined, code);
    expect(diagnosis?.hint).toEqual(expect.any(String));
    expect(diagnosis?.fault).toBe(fault);
  });

  it("leaves what it does not know", () => {
    expect(diagnoseFileSystem(undefined, "EMFILE")).toBeUndefined();
    expect(diagnoseFileSystem(undefined, "toString")).toBeUndefined();
  });
});
