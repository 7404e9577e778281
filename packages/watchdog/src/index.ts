export { type NotifySystemdOptions, notifySystemd } from "./host/notify-systemd.ts";
export type { Environment } from "./host/systemd-notifier.ts";
export { isFatal, type Panic, type PanicOrigin, type PanicSource } from "./panics/panic.ts";
export { type PanicOptions, watchPanics } from "./panics/watch-panics.ts";
export { type GcTimeOptions, gcTime } from "./resources/gc-time.ts";
export { type HandleGrowthOptions, handleGrowth } from "./resources/handle-growth.ts";
export { heapUsed } from "./resources/heap-used.ts";
export { type LoopDelayOptions, loopDelay } from "./resources/loop-delay.ts";
export { type LoopReading, LoopSampler, type LoopSamplerOptions } from "./resources/loop-sampler.ts";
export { type LoopUtilizationOptions, loopUtilization } from "./resources/loop-utilization.ts";
export { memoryUsed } from "./resources/memory-used.ts";
export { openFiles } from "./resources/open-files.ts";
export { type Resources, type ResourcesOptions, resources } from "./resources/resources.ts";
export type { ShareOptions } from "./resources/share-options.ts";
export { type ThreadPoolOptions, threadPool } from "./resources/thread-pool.ts";
export { attributes, events, type MetricKey, metrics, scopeName, spans } from "./semconv.ts";
export {
  type ThreadHeartbeat,
  type ThreadHeartbeatOptions,
  threadHeartbeat,
} from "./shared-heartbeat/thread-heartbeat.ts";
export { startWatchdog, type Watchdog, type Watched } from "./start-watchdog.ts";
export type { WatchdogOptions } from "./watchdog-options.ts";
