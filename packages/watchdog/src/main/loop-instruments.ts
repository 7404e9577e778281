import type { BatchObservableCallback, Meter } from "@opentelemetry/api";
import type { Clock } from "@otel-health/core";
import { LoopSampler } from "../resources/loop-sampler.ts";
import { type MetricKey, metrics } from "../semconv.ts";

/** Measures the event loop from the first time on that a meter asks, which one without an SDK never does. Returns what ends it. */
export function bindLoopInstruments(meter: Meter, clock: Clock): () => void {
  const sampler = new LoopSampler();
  let stop: (() => void) | undefined;
  const gauge = (key: MetricKey) => {
    const { name, unit, description } = metrics[key];
    return meter.createObservableGauge(name, { unit, description });
  };
  const p99 = gauge("loopDelayP99");
  const max = gauge("loopDelayMax");
  const utilization = gauge("loopUtilization");
  const all = [p99, max, utilization];
  const observe: BatchObservableCallback = (result) => {
    stop ??= sampler.start(clock);
    const reading = sampler.read();
    if (reading === undefined) return;
    result.observe(p99, reading.p99Ms / 1_000);
    result.observe(max, reading.maxMs / 1_000);
    result.observe(utilization, reading.utilization);
  };
  meter.addBatchObservableCallback(observe, all);
  return () => {
    meter.removeBatchObservableCallback(observe, all);
    stop?.();
  };
}
