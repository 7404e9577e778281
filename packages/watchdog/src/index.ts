export { attributes, events, type MetricKey, metrics, scopeName, spans } from "./semconv.ts";
export { startWatchdog, type Watchdog, type Watched } from "./start-watchdog.ts";
export type { WatchdogOptions } from "./watchdog-options.ts";
