import { setImmediate as turn } from "node:timers/promises";
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { AlwaysOnSampler, InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { MeteredProvider } from "./meter-provider.ts";

/** What is to happen: as many checks flip at once, as often, in both contenders. */
export interface StormOptions {
  readonly folder: string;
  readonly checks: number;
  readonly flips: number;
}

/** What the SDK exported of the storms of one round. */
export interface Exported {
  readonly spans: number;
  readonly logs: number;
  /** Increments of both counters. */
  readonly increments: number;
}

/** One round: the longest time for which the loop did not turn in each storm, and what came out. */
export interface Storms {
  readonly blocksMs: readonly number[];
  readonly exported: Exported;
}

/** Questions that both contenders answer. */
export type StormAnswers = {
  readonly start: () => Promise<void>;
  readonly storms: () => Promise<Storms>;
};

/** A whole SDK in memory, which exports everything at once: nothing waits in a queue that could overflow. */
export class StormSdk {
  readonly #spans = new InMemorySpanExporter();
  readonly #logs = new InMemoryLogRecordExporter();
  readonly #metered = new MeteredProvider();
  readonly meterProvider = this.#metered.provider;
  readonly tracerProvider: TracerProvider = new TracerProvider({
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new SimpleSpanProcessor({ exporter: this.#spans })],
  });
  readonly loggerProvider: LoggerProvider = new LoggerProvider({
    processors: [new SimpleLogRecordProcessor({ exporter: this.#logs })],
  });
  #counted = 0;

  /** Lets each flip happen in one go and watches the loop until everything that it caused has been exported. */
  async storms(flips: number, flip: (down: boolean) => void): Promise<Storms> {
    await this.#take();
    const exported = { spans: 0, logs: 0, increments: 0 };
    const blocksMs: number[] = [];
    for (let i = 0; i < flips; i++) {
      // Or a flip would pay for the garbage of the one before.
      globalThis.gc?.();
      blocksMs.push(await this.#longestTurn(() => flip(i % 2 === 0)));
      const { spans, logs, increments } = await this.#take();
      exported.spans += spans;
      exported.logs += logs;
      exported.increments += increments;
    }
    return { blocksMs, exported };
  }

  /** Milliseconds of the longest turn of the loop, from `work` on until all of it is exported. */
  async #longestTurn(work: () => void): Promise<number> {
    await turn();
    let longestMs = 0;
    let turnedAt = performance.now();
    work();
    let exporting = true;
    const exported = this.#flush().finally(() => {
      exporting = false;
    });
    while (exporting) {
      await turn();
      const now = performance.now();
      longestMs = Math.max(longestMs, now - turnedAt);
      turnedAt = now;
    }
    await exported;
    return longestMs;
  }

  async #flush(): Promise<void> {
    await Promise.all([this.tracerProvider.forceFlush(), this.loggerProvider.forceFlush()]);
  }

  /** What was exported since this was last asked. */
  async #take(): Promise<Exported> {
    await this.#flush();
    const counted = await this.#metered.counted("health.check.transitions", "health.probe.transitions");
    const exported = {
      spans: this.#spans.getFinishedSpans().length,
      logs: this.#logs.getFinishedLogRecords().length,
      increments: counted - this.#counted,
    };
    this.#counted = counted;
    this.#spans.reset();
    this.#logs.reset();
    return exported;
  }
}
