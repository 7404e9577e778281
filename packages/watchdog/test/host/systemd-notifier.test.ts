import { EventEmitter } from "node:events";
import { systemClock } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { createNotifier, type Environment } from "../../src/host/systemd-notifier.ts";

/** A program that a test ends. */
class Program extends EventEmitter {
  readonly args: readonly string[];
  readonly env: Environment;
  killed = false;
  isReferenced = true;

  constructor(args: readonly string[], env: Environment) {
    super();
    this.args = args;
    this.env = env;
  }

  unref(): void {
    this.isReferenced = false;
  }

  kill(): void {
    this.killed = true;
    this.emit("exit", null, "SIGKILL");
  }

  end(code = 0): void {
    this.emit("exit", code, null);
  }
}

function make(env: Environment = {}) {
  const clock = new FakeClock();
  const started: Program[] = [];
  const complaints: unknown[] = [];
  const notifier = createNotifier({
    env: { NOTIFY_SOCKET: "/run/notify", ...env },
    clock,
    complain: (what, problem) => void complaints.push([what, problem]),
    spawn(program, args, options) {
      expect(program).toBe("systemd-notify");
      const one = new Program(args, options.env);
      started.push(one);
      return one;
    },
  });
  return { clock, started, complaints, notifier: notifier! };
}

describe("createNotifier", () => {
  it("makes none where no manager has started this process", () => {
    const parts = { clock: systemClock, complain: () => {} };
    expect(createNotifier({ env: {}, ...parts })).toBeUndefined();
    expect(createNotifier({ env: { NOTIFY_SOCKET: "" }, ...parts })).toBeUndefined();
  });

  it("runs systemd's program with the socket, also one in the abstract name space, and never waits for it", () => {
    const { started, notifier } = make({ NOTIFY_SOCKET: "@/org/systemd/notify", PATH: "/usr/bin", SECRET: "s3cret" });
    notifier.send("READY=1", "STATUS=all is well");
    expect(started).toHaveLength(1);
    expect(started[0]).toMatchObject({
      args: ["READY=1", "STATUS=all is well"],
      env: { NOTIFY_SOCKET: "@/org/systemd/notify", PATH: "/usr/bin" },
      isReferenced: false,
    });
    expect(started[0]?.env).not.toHaveProperty("SECRET");
  });

  it("runs one at a time, and the newest of what waits", () => {
    const { started, notifier, clock } = make();
    notifier.send("STATUS=one");
    for (const state of ["STATUS=two", "WATCHDOG=1", "STATUS=three", "WATCHDOG=1", "READY=1"]) notifier.send(state);
    expect(started).toHaveLength(1);
    started[0]?.end();
    expect(started[1]?.args).toEqual(["STATUS=three", "WATCHDOG=1", "READY=1"]);
    started[1]?.end();
    expect(started).toHaveLength(2);
    expect(clock.armed).toBe(0);
  });

  it("sends what failed with what comes next, unless there is newer, and complains once", () => {
    const { started, notifier, complaints } = make();
    notifier.send("READY=1", "STATUS=one");
    notifier.send("STATUS=two");
    started[0]?.end(1);
    expect(started).toHaveLength(1);
    notifier.send("WATCHDOG=1");
    expect([...(started[1]?.args ?? [])].sort()).toEqual(["READY=1", "STATUS=two", "WATCHDOG=1"]);
    started[1]?.end(1);
    expect(complaints).toEqual([["systemd was not notified", "systemd-notify ended with 1"]]);
  });

  it("goes on after a program that could not be started, whatever Node tells of it", () => {
    const { started, notifier, complaints, clock } = make();
    notifier.send("READY=1");
    const missing = Object.assign(new Error("spawn systemd-notify ENOENT"), { code: "ENOENT" });
    started[0]?.emit("error", missing);
    started[0]?.emit("exit", -2, null);
    expect(complaints).toEqual([["systemd was not notified", missing]]);
    notifier.send("WATCHDOG=1");
    expect(started[1]?.args).toEqual(["READY=1", "WATCHDOG=1"]);
    started[1]?.end();
    expect(clock.armed).toBe(0);
  });

  it("goes on after a start that throws", () => {
    const complaints: unknown[] = [];
    const notifier = createNotifier({
      env: { NOTIFY_SOCKET: "/run/notify" },
      clock: new FakeClock(),
      complain: (what) => void complaints.push(what),
      spawn() {
        throw new Error("EAGAIN");
      },
    });
    expect(() => notifier?.send("READY=1")).not.toThrow();
    notifier?.send("READY=1");
    expect(complaints).toHaveLength(1);
  });

  it("ends a program that hangs", async () => {
    const { started, notifier, clock } = make();
    notifier.send("WATCHDOG=1");
    await clock.advance(9_999);
    expect(started[0]?.killed).toBe(false);
    await clock.advance(1);
    expect(started[0]?.killed).toBe(true);
    notifier.send("WATCHDOG=1");
    expect(started).toHaveLength(2);
  });

  it.each([
    [{ WATCHDOG_USEC: "3000000" }, 1_500],
    [{ WATCHDOG_USEC: "3000000", WATCHDOG_PID: String(process.pid) }, 1_500],
    [{ WATCHDOG_USEC: "3000000", WATCHDOG_PID: "" }, 1_500],
    [{ WATCHDOG_USEC: "3000000", WATCHDOG_PID: "1" }, undefined],
    [{}, undefined],
    [{ WATCHDOG_USEC: "" }, undefined],
    [{ WATCHDOG_USEC: "0" }, undefined],
    [{ WATCHDOG_USEC: "-5" }, undefined],
    [{ WATCHDOG_USEC: "soon" }, undefined],
  ])("pings at half of %o: %o", (env, watchdogIntervalMs) => {
    expect(make(env as Environment).notifier.watchdogIntervalMs).toBe(watchdogIntervalMs);
  });
});
