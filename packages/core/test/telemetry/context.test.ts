import { type ContextManager, context, ROOT_CONTEXT, type Span, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { type CheckFunction, createHealth, pass, push, untraced } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestSdk } from "./test-sdk.ts";

let sdk: TestSdk;

beforeEach(() => {
  sdk = new TestSdk();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(sdk.tracerProvider);
});

afterEach(() => {
  context.disable();
  trace.disable();
});

/** What an instrumented client does: a span around a call, in whatever context it is called. */
async function call(name: string): Promise<{ recording: boolean; parent: Span | undefined }> {
  const parent = trace.getActiveSpan();
  return trace.getTracer("client").startActiveSpan(name, async (span) => {
    await settle();
    const recording = span.isRecording() || trace.getTracer("client").startSpan("inner").isRecording();
    span.end();
    return { recording, parent };
  });
}

/** Runs something in a span, as a server does that is traced. */
function inRequest<T>(what: () => T): { request: Span; result: T } {
  const request = sdk.tracerProvider.getTracer("server").startSpan("GET /orders");
  const result = context.with(trace.setSpan(ROOT_CONTEXT, request), what);
  return { request, result };
}

async function settleLong() {
  for (let turns = 0; turns < 10; turns++) await settle();
}

describe("a check's own calls", () => {
  it.each<[string, (calls: unknown[]) => CheckFunction]>([
    [
      "at once",
      (calls) => async () => {
        calls.push(await call("query"));
      },
    ],
    [
      "after it has waited",
      (calls) => async () => {
        await settle();
        calls.push(await call("query"));
      },
    ],
    [
      "in parallel",
      (calls) => async () => {
        calls.push(...(await Promise.all([call("one"), call("two")])));
      },
    ],
  ])("are untraced while it passes: %s", async (_, make) => {
    const calls: unknown[] = [];
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { db: make(calls) }, startup: { migrate: make(calls) } });
    const { request, result } = inRequest(() => health.start().catch(() => {}));
    for (let runs = 0; runs < 4; runs++) {
      await clock.advance(runs === 0 ? 0 : 10_000);
      await settleLong();
    }
    expect(calls.length).toBeGreaterThan(2);
    for (const seen of calls) expect(seen).toEqual({ recording: false, parent: undefined });
    expect(sdk.spans.map(({ name }) => name).filter((name) => !name.startsWith("health."))).toEqual([]);
    for (const { parentSpanContext } of sdk.spans)
      expect(parentSpanContext?.traceId).not.toBe(request.spanContext().traceId);
    await health.stop();
    await result;
  });

  it("leave no trace of that behind: what comes after a run is traced as before", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { db: () => call("query").then(() => {}) } });
    const listened: unknown[] = [];
    health.on("transition", async () => {
      listened.push(await call("listener"));
    });
    await Promise.all([health.start(), clock.advance(0)]);
    await settleLong();
    expect(context.active()).toBe(ROOT_CONTEXT);
    expect(listened.length).toBeGreaterThan(0);
    for (const seen of listened) expect(seen).toEqual({ recording: true, parent: undefined });
    expect(await call("after")).toEqual({ recording: true, parent: undefined });
    await health.stop();
  });
});

describe("a context manager that is broken", () => {
  const manager = (with_: (call: () => unknown) => unknown): ContextManager => ({
    active: () => ROOT_CONTEXT,
    with: ((_context: unknown, fn: () => unknown) => with_(fn)) as ContextManager["with"],
    bind: (_context: unknown, target: never) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });

  it.each<[string, (call: () => unknown) => unknown]>([
    ["calls nothing", () => undefined],
    [
      "throws at once",
      () => {
        throw new Error("manager");
      },
    ],
    [
      "throws after the call",
      (call) => {
        call();
        throw new Error("manager");
      },
    ],
    ["loses what is returned", (call) => void call()],
    [
      "makes a pass of what throws",
      (call) => {
        try {
          call();
        } catch {}
      },
    ],
  ])("changes no answer: one that %s", async (_, with_) => {
    context.disable();
    context.setGlobalContextManager(manager(with_));
    const clock = new FakeClock();
    let runs = 0;
    const health = createHealth({
      clock,
      checks: {
        fails: {
          run: () => {
            runs++;
            throw new Error("down");
          },
          failureThreshold: 1,
          gracePeriodMs: 0,
        },
        passes: () => pass("well"),
      },
    });
    await Promise.all([health.refresh(), clock.advance(0)]);
    const { fails, passes } = health.checks;
    expect([fails.snapshot(), passes.snapshot(), runs]).toMatchObject([
      { status: "unhealthy", message: "down" },
      { status: "healthy", message: "well" },
      1,
    ]);
    expect(untraced((value: number) => value, 5)).toBe(5);
  });
});

describe("a probe request", () => {
  it("makes no span", () => {
    const health = createHealth({ clock: new FakeClock(), checks: { db: () => {} } });
    const { request } = inRequest(() => health.respond({ method: "GET", url: "/readyz" }));
    request.end();
    expect(sdk.spans.map(({ name }) => name)).toEqual(["GET /orders"]);
  });
});

describe("a transition that a request causes", () => {
  it("is told outside of that request's trace", () => {
    const health = createHealth({ clock: new FakeClock(), checks: { told: push() } });
    sdk.giveTo(health);
    const { request } = inRequest(() => health.checks.told.fail("down"));
    const [opening] = sdk.spansOf("health.transition");
    expect(opening?.parentSpanContext).toBeUndefined();
    expect(opening?.spanContext().traceId).not.toBe(request.spanContext().traceId);
    expect(sdk.logs.length).toBeGreaterThan(0);
    for (const { spanContext } of sdk.logs) expect(spanContext?.traceId).toBe(opening?.spanContext().traceId);
  });
});

describe("untraced()", () => {
  it("hands on arguments and result, and what is thrown", async () => {
    expect(untraced((a: number, b: string) => `${a}${b}`, 1, "x")).toBe("1x");
    const thrown = new Error("mine");
    let calls = 0;
    expect(() =>
      untraced(() => {
        calls++;
        throw thrown;
      }),
    ).toThrow(thrown);
    expect(calls).toBe(1);
    await expect(untraced(() => Promise.reject(thrown))).rejects.toBe(thrown);
  });

  it("suppresses tracing in what it calls, and nowhere else", async () => {
    const { request, result } = inRequest(async () => {
      const inside = await untraced(() => call("inside"));
      const outside = await call("outside");
      return { inside, outside };
    });
    expect(await result).toEqual({
      inside: { recording: false, parent: undefined },
      outside: { recording: true, parent: request },
    });
  });

  it("calls once, and all the same, under a context manager that throws", () => {
    context.disable();
    const refuse = () => {
      throw new Error("broken");
    };
    const broken = new AsyncLocalStorageContextManager();
    context.setGlobalContextManager(Object.assign(broken, { with: refuse }));
    let calls = 0;
    expect(untraced(() => ++calls)).toBe(1);
    expect(calls).toBe(1);
  });
});

describe("a transition listener", () => {
  it("hears of what the schedule found outside the request in which a timer was armed or a run was asked for", async () => {
    const clock = new FakeClock();
    let up = true;
    const health = createHealth({
      clock,
      checks: {
        db: () => {
          if (!up) throw new Error("down");
        },
      },
    });
    const heard: unknown[] = [];
    health.on("transition", ({ state }) => void heard.push([state, trace.getActiveSpan()]));
    await inRequest(() => health.refresh()).result;
    await health.start();
    up = false;
    await inRequest(() => clock.advance(30_000)).result;
    const states = heard.map((entry) => (entry as unknown[])[0]);
    expect(states).toContain("unhealthy");
    expect(heard).toEqual(states.map((state) => [state, undefined]));
  });
});
