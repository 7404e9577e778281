import { EventEmitter } from "node:events";
import { SeverityNumber } from "@opentelemetry/api";
import { createHealth, type Health } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { isFatal, type Panic, type PanicOptions, type PanicSource, watchPanics } from "@otel-health/watchdog";
import { describe, expect, it } from "vitest";
import { collectDiag } from "../../../core/test/hostile/diag-lines.ts";
import { TestSdk } from "../../../core/test/telemetry/test-sdk.ts";

/** What of a process tells of panics. */
class FakeProcess extends EventEmitter implements PanicSource {
  execArgv: readonly string[] = [];
  env: { readonly [name: string]: string | undefined } = {};
  captured = false;

  hasUncaughtExceptionCaptureCallback(): boolean {
    return this.captured;
  }

  throws(error: unknown, origin = "uncaughtException"): void {
    this.emit("uncaughtExceptionMonitor", error, origin);
  }
}

function watch(options: PanicOptions = {}, source = new FakeProcess()) {
  const clock = new FakeClock();
  const health = createHealth({ clock });
  const sdk = new TestSdk().giveTo(health);
  const armed = clock.armed;
  const panics: Panic[] = [];
  const onPanic = (panic: Panic) => void panics.push(panic);
  const end = watchPanics(health, { process: source, clock, onPanic, ...options });
  const look = () => health.snapshot().checks["panics"];
  return { clock, health, sdk, armed, source, panics, end, look };
}

const minutes = 60_000;

function panicEvents({ logs }: TestSdk) {
  return logs.filter(({ eventName }) => eventName === "health.process.panic");
}

describe("the check of watchPanics", () => {
  it("passes until there is a panic, is degraded for the window after the last, and passes again", async () => {
    const { clock, source, look } = watch();
    expect(look()).toMatchObject({ status: "healthy", critical: false, probes: ["readiness", "serving"] });
    source.throws(new Error("boom"));
    expect(look()).toMatchObject({
      status: "degraded",
      message: "uncaught exception: boom",
      hint: "a callback or a promise whose error nobody handles: the event health.process.panic has its stack",
    });
    await clock.advance(9 * minutes);
    source.throws(new TypeError("again"), "unhandledRejection");
    expect(look()?.message).toBe("2 panics since 2026-11-22T13:00:00Z, the last an unhandled rejection: again");
    await clock.advance(10 * minutes - 1);
    expect(look()?.status).toBe("degraded");
    await clock.advance(1);
    expect(look()).toMatchObject({ status: "healthy", message: null });
    source.throws(new Error("later"));
    expect(look()?.message).toBe("uncaught exception: later");
  });

  it("is of the name, the window, the probes and the hint that are given", async () => {
    const { clock, health, source } = watch({ name: "crashes", windowMs: 5, probes: ["liveness"], hint: "look" });
    source.throws(new Error("boom"));
    const crashes = () => health.snapshot().checks["crashes"];
    expect(crashes()).toMatchObject({ status: "degraded", probes: ["liveness"], hint: "look" });
    await clock.advance(5);
    expect(crashes()?.status).toBe("healthy");
  });

  it("says nothing that is secret, and reads whatever is thrown", () => {
    const { clock, source, look } = watch();
    const unreadable = Object.defineProperty({}, "message", {
      get: () => {
        throw new Error("hostile");
      },
    });
    const thrown: [unknown, string][] = [
      [new Error("GET https://user:secret@host/ failed"), "GET https://***@host/ failed"],
      [undefined, "threw undefined"],
      [unreadable, "threw a value that throws when it is read"],
      [Symbol("s"), "threw a symbol"],
    ];
    for (const [error, message] of thrown) {
      source.throws(error);
      expect(look()?.message).toMatch(new RegExp(`uncaught exception: ${message.replaceAll("*", "\\*")}$`));
      clock.block(1_000);
    }
  });
});

describe("the telemetry of watchPanics", () => {
  it("counts by origin, from 0, also what came before the provider", async () => {
    const source = new FakeProcess();
    const clock = new FakeClock();
    const health = createHealth({ clock });
    watchPanics(health, { process: source, clock });
    source.throws(new Error("boom"));
    source.throws(new Error("boom"));
    const sdk = new TestSdk().giveTo(health);
    const { all } = await sdk.reader.read();
    expect(all.get("health.process.panics")?.descriptor).toMatchObject({ unit: "{panic}" });
    expect((await sdk.reader.read()).values("health.process.panics")).toEqual({
      uncaughtException: 2,
      unhandledRejection: 0,
    });
  });

  it("is an event of each, with the stack", () => {
    const { source, sdk } = watch();
    const error = new TypeError("token=s3cret");
    error.stack = `TypeError: token=s3cret\n${"    at work (/app/work.js:1:2)\n".repeat(100)}`;
    source.throws(error);
    const [record] = panicEvents(sdk);
    expect([record?.body, record?.severityNumber]).toEqual(["uncaught exception: token=***", SeverityNumber.ERROR]);
    expect(record?.attributes).toMatchObject({
      "health.process.panic.origin": "uncaughtException",
      "health.process.panic.fatal": true,
      "exception.type": "TypeError",
      "exception.message": "token=***",
    });
    const lines = String(record?.attributes["exception.stacktrace"]).split("\n");
    expect(lines).toEqual(["TypeError: token=***", ...Array(19).fill("    at work (/app/work.js:1:2)")]);
  });

  it("does not become a storm with the panics, and leaves out none that is fatal", async () => {
    const { clock, source, sdk, panics } = watch();
    source.on("uncaughtException", () => {});
    for (let i = 0; i < 10; i++) {
      for (let j = 0; j < 100; j++) source.throws(new Error("boom"));
      await clock.advance(500);
    }
    expect(panicEvents(sdk)).toHaveLength(5);
    expect(panics).toHaveLength(1_000);
    source.throws(new Error("boom"));
    source.removeAllListeners("uncaughtException");
    source.throws(new Error("the end"));
    expect(panicEvents(sdk).map(({ body }) => body?.toString().slice(20))).toEqual([
      ...Array(6).fill("boom"),
      "the end",
    ]);
    expect((await sdk.reader.read()).values("health.process.panics")).toMatchObject({ uncaughtException: 1_002 });
  });
});

describe("onPanic", () => {
  it("is told last, with everything else in place", () => {
    const seen: unknown[] = [];
    const { source, health, sdk } = watch({
      onPanic: (panic) => {
        seen.push(panic, health.snapshot().checks["panics"]?.status, panicEvents(sdk).length);
      },
    });
    const error = new Error("boom");
    source.throws(error, "unhandledRejection");
    const panic = { error, origin: "unhandledRejection", at: Date.UTC(2026, 10, 22, 13), fatal: true };
    expect(seen).toEqual([panic, "degraded", 1]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("hook");
      },
    ],
    ["rejects", () => Promise.reject(new Error("hook"))],
  ])("that %s is reported through diag, and is no panic", async (_how, onPanic) => {
    const lines = collectDiag();
    const { source, look } = watch({ onPanic });
    source.throws(new Error("boom"));
    await settle();
    expect(lines).toEqual([["error", "otel-health: onPanic failed", expect.objectContaining({ message: "hook" })]]);
    expect(look()?.message).toBe("uncaught exception: boom");
  });
});

describe("isFatal", () => {
  it("is true where nothing takes an exception", () => {
    const source = new FakeProcess();
    expect(isFatal(source)).toBe(true);
    source.captured = true;
    expect(isFatal(source)).toBe(false);
    source.captured = false;
    source.on("uncaughtException", () => {});
    expect(isFatal(source)).toBe(false);
  });
});

describe("listening to rejections", () => {
  const heard = (source: FakeProcess) => source.listenerCount("unhandledRejection");
  const rejects = (source: FakeProcess, reason: unknown = new Error("x")) =>
    source.emit("unhandledRejection", reason, {});
  const withMode = (mode: string) => Object.assign(new FakeProcess(), { execArgv: [`--unhandled-rejections=${mode}`] });

  it("happens only while the application does, behind its listeners", async () => {
    const { source, panics } = watch();
    expect(heard(source)).toBe(0);
    const order: number[] = [];
    const first = () => void order.push(1, panics.length);
    const second = () => void order.push(2, panics.length);
    source.on("unhandledRejection", first);
    source.on("unhandledRejection", second);
    await settle();
    expect(heard(source)).toBe(3);
    rejects(source);
    expect([order, panics.length]).toEqual([[1, 0, 2, 0], 1]);
    expect(panics[0]).toMatchObject({ origin: "unhandledRejection", fatal: false });
    source.off("unhandledRejection", first);
    expect(heard(source)).toBe(2);
    source.off("unhandledRejection", second);
    expect(heard(source)).toBe(0);
    source.once("unhandledRejection", second);
    await settle();
    rejects(source);
    expect([heard(source), panics.length]).toEqual([0, 2]);
    source.on("unhandledRejection", first);
    await settle();
    source.removeAllListeners("unhandledRejection");
    expect(heard(source)).toBe(0);
  });

  it("gives in where another wants to be the last as well, and goes on listening", async () => {
    const { source, panics } = watch();
    const rival = () => {};
    source.on("newListener", (event, listener) => {
      if (event !== "unhandledRejection" || listener === rival) return;
      source.off(event, rival);
      queueMicrotask(() => source.on(event, rival));
    });
    source.on("unhandledRejection", () => {});
    await settle();
    rejects(source);
    expect(panics).toHaveLength(1);
    source.removeAllListeners("unhandledRejection");
    source.on("unhandledRejection", () => {});
    await settle();
    rejects(source);
    expect(panics).toHaveLength(2);
  });

  it("takes no other watcher for the application", async () => {
    const { source, panics } = watch();
    const other = watch({}, source);
    const listener = () => {};
    source.on("unhandledRejection", listener);
    await settle();
    rejects(source);
    expect([panics.length, other.panics.length]).toEqual([1, 1]);
    source.off("unhandledRejection", listener);
    expect(heard(source)).toBe(0);
  });

  it("hears of what the application listened to before", () => {
    const source = new FakeProcess();
    source.on("unhandledRejection", () => {});
    const { panics } = watch({}, source);
    rejects(source);
    expect(panics).toHaveLength(1);
  });

  it.each([
    ["throw", 0],
    ["strict", 0],
    ["warn", 1],
    ["none", 1],
    ["warn-with-error-code", 0],
  ])("without the application, in the mode %s: %i", (mode, listeners) => {
    expect(heard(watch({}, withMode(mode)).source)).toBe(listeners);
  });

  it("never happens in the mode strict, in which each is an exception first", async () => {
    const { source } = watch({}, withMode("strict"));
    source.on("unhandledRejection", () => {});
    await settle();
    expect(heard(source)).toBe(1);
  });

  it("is by Node's warning in the mode warn-with-error-code, once for both of its warnings", () => {
    const { source, look, panics, sdk } = watch({}, withMode("warn-with-error-code"));
    const warning = (message: string, name = "UnhandledPromiseRejectionWarning") =>
      source.emit("warning", Object.assign(new Error(message), { name }));
    warning("TypeError: boom\n    at work (/app/work.js:1:2)");
    warning("Unhandled promise rejection. This error … (rejection id: 1)");
    warning("something else", "DeprecationWarning");
    source.emit("warning", "no error");
    expect(panics).toHaveLength(1);
    expect(look()?.message).toBe("unhandled rejection: TypeError: boom");
    expect(panicEvents(sdk)[0]?.attributes["exception.stacktrace"]).toContain("/app/work.js:1:2");
  });
});

describe("the end of watchPanics", () => {
  it.each(["throw", "warn", "strict", "warn-with-error-code"])(
    "leaves nothing behind, in the mode %s",
    async (mode) => {
      const source = new FakeProcess();
      source.env = { NODE_OPTIONS: `--unhandled-rejections=${mode}` };
      source.on("unhandledRejection", () => {});
      const { clock, armed, health, sdk, end } = watch({}, source);
      source.throws(new Error("boom"));
      source.on("unhandledRejection", () => {});
      end();
      end();
      await settle();
      expect(source.eventNames()).toEqual(["unhandledRejection"]);
      expect(source.listenerCount("unhandledRejection")).toBe(2);
      expect(clock.armed).toBe(armed);
      expect(health.snapshot().checks).toEqual({});
      expect((await sdk.reader.read()).values("health.process.panics")).toEqual({});
    },
  );
});

describe("the options of watchPanics", () => {
  const refused: [object, string][] = [
    [{ windowMs: 0 }, "windowMs of watchPanics() must be milliseconds from 1 to 2147483647, got 0"],
    [{ onPanic: 5 }, "onPanic of watchPanics() must be a function, got 5"],
    [{ process: {} }, "process of watchPanics() must be one such as Node's own, got an object"],
    [{ clock: {} }, "clock of watchPanics() must be a Clock, got an object"],
    [{ hint: 5 }, "hint of watchPanics() must be a non-empty string, got 5"],
    [{ probes: [] }, "probes of watchPanics() must be an array of at least one, got []; leave it out for readiness"],
    [
      { window: 5 },
      'an option of watchPanics() must be one of name, windowMs, probes, hint, onPanic, process and clock, got "window"',
    ],
  ];

  it.each(refused)("are refused where they cannot be meant: %o", (options, message) => {
    const source = new FakeProcess();
    const health = createHealth({ clock: new FakeClock() });
    expect(() => watchPanics(health, { process: source, ...options })).toThrow(
      expect.objectContaining({ code: "invalid_option", message }),
    );
    expect([source.eventNames(), health.snapshot().checks]).toEqual([[], {}]);
  });

  it("need a health object, and a name of its own", () => {
    const source = new FakeProcess();
    expect(() => watchPanics({} as Health, { process: source })).toThrow(
      "health of watchPanics() must be a health object, got an object",
    );
    const health = createHealth({ clock: new FakeClock(), checks: { panics: () => {} } });
    expect(() => watchPanics(health, { process: source })).toThrow(expect.objectContaining({ code: "duplicate_name" }));
    expect(source.eventNames()).toEqual([]);
  });
});
