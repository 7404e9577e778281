import { FakeClock, settle } from "@otel-health/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { diagnoseFileSystem } from "../../src/filesystem/diagnose.ts";
import { FileCalls } from "../../src/filesystem/file-calls.ts";

let clock: FakeClock;
let calls: FileCalls<number>;
let under: PromiseWithResolvers<number>[];

beforeEach(() => {
  clock = new FakeClock();
  calls = new FileCalls();
  under = [];
});

function run() {
  const controller = new AbortController();
  const answer = calls.ask({ signal: controller.signal, clock, timeoutMs: 2_000 }, () => {
    const call = Promise.withResolvers<number>();
    under.push(call);
    return call.promise;
  });
  answer.catch(() => {});
  return { answer, giveUp: () => controller.abort(new Error("time is up")) };
}

describe("FileCalls", () => {
  it("has one under way, whoever has given up, and hands its answer to who waits now", async () => {
    for (let i = 0; i < 5; i++) {
      const { answer, giveUp } = run();
      giveUp();
      await expect(answer).rejects.toThrow("time is up");
    }
    await clock.advance(2_000);
    const last = run();
    expect(under).toHaveLength(1);
    under[0]?.resolve(5);
    expect(await last.answer).toBe(5);
    const next = run();
    expect(under).toHaveLength(2);
    under[1]?.resolve(6);
    expect(await next.answer).toBe(6);
  });

  it("takes no late answer, and calls again: what is too slow must not pass by answering the run before", async () => {
    const first = run();
    await clock.advance(2_000);
    first.giveUp();
    await clock.advance(500);
    const second = run();
    await clock.advance(500);
    expect(under).toHaveLength(1);
    under[0]?.resolve(5);
    await settle();
    expect(under).toHaveLength(2);
    await clock.advance(1_500);
    second.giveUp();
    await expect(second.answer).rejects.toThrow("time is up");
    const third = run();
    await clock.advance(500);
    under[1]?.resolve(6);
    expect(await third.answer).toBe(6);
  });

  it("hands on an error, and begins anew after it", async () => {
    const first = run();
    under[0]?.reject(new Error("EIO"));
    await expect(first.answer).rejects.toThrow("EIO");
    const second = run();
    under[1]?.resolve(6);
    expect(await second.answer).toBe(6);
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
