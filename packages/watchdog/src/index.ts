export { isFatal, type Panic, type PanicOrigin, type PanicSource } from "./panics/panic.ts";
export { type PanicOptions, watchPanics } from "./panics/watch-panics.ts";
export { attributes, events, type MetricKey, metrics, scopeName } from "./semconv.ts";
export {
  type ThreadHeartbeat,
  type ThreadHeartbeatOptions,
  threadHeartbeat,
} from "./shared-heartbeat/thread-heartbeat.ts";
