import { type DiagLogger, logs, metrics, trace } from "@opentelemetry/api";
import { createHealth } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { collectDiag } from "../hostile/diag-lines.ts";
import { TestSdk } from "./test-sdk.ts";

const apiKey = Symbol.for("opentelemetry.js.api.1");
const registry = globalThis as { [apiKey]?: object | undefined };

/** What an SDK has registered by way of a copy of the API of this version; gives the lines that its logger gets. */
function registerWith(version: string, { log }: { log?: (line: string) => void } = {}): readonly string[] {
  const lines: string[] = [];
  const { tracerProvider, meterProvider } = new TestSdk();
  const silent = () => {};
  const error = log ?? ((line) => void lines.push(line));
  const diag: DiagLogger = { error, warn: silent, info: silent, debug: silent, verbose: silent };
  const before = registry[apiKey];
  registry[apiKey] = { version, trace: tracerProvider, metrics: meterProvider, diag };
  onTestFinished(() => {
    registry[apiKey] = before;
  });
  return lines;
}

function createWatched() {
  const clock = new FakeClock();
  return { clock, health: createHealth({ clock }) };
}

/** Longer than it takes to look. */
const aWhile = 5_000;

afterEach(() => {
  for (const api of [logs, metrics, trace]) api.disable();
});

describe("an SDK that was registered with another copy of the API, which ours refuses", () => {
  it("is told so once, by its own logger", async () => {
    const lines = registerWith("1.9.1");
    const { clock } = createWatched();
    await clock.advance(10 * aWhile);
    expect(lines).toEqual([
      "otel-health: the SDK gets no spans and no metrics of health: it is registered with @opentelemetry/api 1.9.1, and otel-health was given another copy, 1.10 or newer. Install @opentelemetry/api once (a peer dependency wherever it is a dependency; dedupe), or hand health.instrumentation to the SDK",
    ]);
  });

  it("is told so when it comes late", async () => {
    const { clock } = createWatched();
    await clock.advance(10 * aWhile);
    const lines = registerWith("1.9.1");
    await clock.advance(aWhile);
    expect(lines).toHaveLength(1);
  });

  it("is told nothing where the plugin was handed to it, as it may be after the health object was made", async () => {
    const lines = registerWith("1.9.1");
    const { clock, health } = createWatched();
    await clock.advance(aWhile - 1);
    new TestSdk().giveTo(health);
    await clock.advance(10 * aWhile);
    expect(lines).toEqual([]);
  });

  it("is told what it does not get, where it was handed a part", async () => {
    const lines = registerWith("1.9.1");
    const { clock, health } = createWatched();
    health.instrumentation.setTracerProvider(new TestSdk().tracerProvider);
    await clock.advance(aWhile);
    expect(lines).toEqual([expect.stringContaining("gets no metrics of health")]);
  });

  it("is told nothing while the plugin is disabled", async () => {
    const lines = registerWith("1.9.1");
    const { clock, health } = createWatched();
    health.instrumentation.disable();
    await clock.advance(10 * aWhile);
    expect(lines).toEqual([]);
    health.instrumentation.enable();
    await clock.advance(aWhile);
    expect(lines).toHaveLength(1);
  });

  it("may have a logger that throws", async () => {
    let calls = 0;
    registerWith("1.9.1", {
      log: () => {
        calls++;
        throw new Error("the logger is broken");
      },
    });
    const { clock, health } = createWatched();
    await health.start();
    await clock.advance(10 * aWhile);
    expect(calls).toBe(1);
    expect(health.respond({ method: "GET", url: "/readyz" })?.status).toBe(200);
  });
});

describe("nothing is said of another copy of the API", () => {
  it("where there is no SDK", async () => {
    const lines = collectDiag();
    const { clock } = createWatched();
    await clock.advance(10 * aWhile);
    expect(lines).toEqual([]);
  });

  it("where our copy sees the SDK", async () => {
    const lines = collectDiag();
    const sdk = new TestSdk();
    trace.setGlobalTracerProvider(sdk.tracerProvider);
    metrics.setGlobalMeterProvider(sdk.meterProvider);
    logs.setGlobalLoggerProvider(sdk.loggerProvider);
    const { clock } = createWatched();
    await clock.advance(10 * aWhile);
    expect(lines).toEqual([]);
  });

  it("where the SDK's copy is newer, which ours may use", async () => {
    const lines = registerWith("1.99.0");
    const { clock } = createWatched();
    await clock.advance(10 * aWhile);
    expect(lines).toEqual([]);
  });
});
