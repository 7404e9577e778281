import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";

/** Collects when it is told to, so that no round pays for another one's collection. */
class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** A real meter provider with a real reader. */
export class MeteredProvider {
  readonly #reader = new Reader();
  readonly provider: MeterProvider = new MeterProvider({
    readers: [this.#reader],
    views: [{ instrumentName: "health.*", aggregationCardinalityLimit: 1_000_000 }],
  });

  /** What the counters of these names have added up to, over all of their attributes. */
  async counted(...names: readonly string[]): Promise<number> {
    const { resourceMetrics } = await this.#reader.collect();
    let sum = 0;
    for (const { descriptor, dataPoints } of resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)) {
      if (!names.includes(descriptor.name)) continue;
      for (const { value } of dataPoints) sum += value as number;
    }
    return sum;
  }

  /** All durations that were recorded in the histogram of this name: how many there were. */
  async recorded(name: string): Promise<number> {
    const { resourceMetrics } = await this.#reader.collect();
    let count = 0;
    for (const { descriptor, dataPoints } of resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)) {
      if (descriptor.name !== name) continue;
      for (const { value } of dataPoints) count += (value as { readonly count: number }).count;
    }
    return count;
  }
}
