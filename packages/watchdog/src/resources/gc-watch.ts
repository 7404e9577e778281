import { PerformanceObserver, type PerformanceObserverEntryList } from "node:perf_hooks";
import { WindowedShare } from "./windowed-share.ts";

/** Adds up how long V8's garbage collections stopped this thread, from its construction until it is stopped. */
export class GcWatch {
  readonly #window: WindowedShare;
  readonly #observer: PerformanceObserver;
  #totalMs = 0;

  constructor(windowMs: number) {
    this.#window = new WindowedShare(windowMs);
    this.#observer = new PerformanceObserver((list) => this.#add(list.getEntries()));
    this.#observer.observe({ entryTypes: ["gc"] });
  }

  /** The share of the window up to `now`, monotonic milliseconds. */
  share(now: number): number {
    // Those of a loop that was blocked have not been handed over yet.
    this.#add(this.#observer.takeRecords());
    return this.#window.look(now, this.#totalMs);
  }

  stop(): void {
    this.#observer.disconnect();
  }

  #add(entries: ReturnType<PerformanceObserverEntryList["getEntries"]>): void {
    for (const { duration } of entries) this.#totalMs += duration;
  }
}
