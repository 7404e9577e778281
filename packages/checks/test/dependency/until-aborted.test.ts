import { getEventListeners } from "node:events";
import { settle } from "@otel-health/core/testing";
import { describe, expect, it, vi } from "vitest";
import { untilAborted } from "../../src/dependency/until-aborted.ts";

const listeners = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

describe("untilAborted()", () => {
  it("settles as the work does, and leaves no listener on the signal", async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(signal, Promise.resolve("done"))).toBe("done");
    await expect(untilAborted(signal, Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(listeners(signal)).toBe(0);
  });

  it("rejects with the signal's reason as soon as that fires, and ends the work", async () => {
    const controller = new AbortController();
    const cancel = vi.fn();
    const waiting = untilAborted(controller.signal, new Promise(() => {}), cancel);
    expect(cancel).not.toHaveBeenCalled();
    controller.abort(new Error("time is up"));
    await expect(waiting).rejects.toThrow("time is up");
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("is not disturbed by work that cannot be ended", async () => {
    const controller = new AbortController();
    const waiting = untilAborted(controller.signal, new Promise(() => {}), () => {
      throw new Error("no such call");
    });
    controller.abort(new Error("time is up"));
    await expect(waiting).rejects.toThrow("time is up");
    // An uncaught exception would fail the test.
    await settle();
  });

  it("rejects at once for a signal that has fired", async () => {
    const cancel = vi.fn();
    await expect(untilAborted(AbortSignal.abort(new Error("over")), new Promise(() => {}), cancel)).rejects.toThrow(
      "over",
    );
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("swallows what the work rejects with afterwards", async () => {
    const controller = new AbortController();
    const work = Promise.withResolvers<never>();
    const waiting = untilAborted(controller.signal, work.promise);
    controller.abort(new Error("time is up"));
    await expect(waiting).rejects.toThrow("time is up");
    work.reject(new Error("too late"));
    // An unhandled rejection would fail the test.
    await settle();
  });
});
