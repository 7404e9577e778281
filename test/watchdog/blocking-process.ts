// A service whose event loop is blocked in the way that a line on its stdin names, until the line "release". Its argument
// has the options of the watchdog. It says on stdout where it listens and what its telemetry told.
import { Worker, type WorkerOptions } from "node:worker_threads";
import { LoggerProvider, type LogRecordProcessor } from "@opentelemetry/sdk-logs";
import { type SpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { createHealth } from "@otel-health/core";
import { startWatchdog, watchPanics } from "@otel-health/watchdog";
import { blocks, type Released } from "./blocks.ts";

const { folder, ...options } = JSON.parse(process.argv[2] ?? "{}");
const say = (what: object) => console.log(JSON.stringify(what));
const noShutdown = { forceFlush: async () => {}, shutdown: async () => {} };
const logs: LogRecordProcessor = {
  ...noShutdown,
  onEmit({ eventName, severityNumber, body, attributes, spanContext }) {
    say({ event: eventName, severityNumber, body, attributes, traceId: spanContext?.traceId });
  },
};
const spans: SpanProcessor = {
  ...noShutdown,
  onStart: () => {},
  onEnd(span) {
    const { name, attributes, status } = span;
    say({ span: name, attributes, status, traceId: span.spanContext().traceId });
  },
};

const health = createHealth({ checks: { outbox: () => {} } });
health.instrumentation.setLoggerProvider(new LoggerProvider({ processors: [logs] }));
health.instrumentation.setTracerProvider(new TracerProvider({ spanProcessors: [spans] }));

const stall = new Int32Array(new SharedArrayBuffer(4));
let thread: Worker | undefined;
process.getBuiltinModule("node:worker_threads").Worker = class extends Worker {
  constructor(url: URL, options: WorkerOptions) {
    const isFirst = thread === undefined;
    const workerData = { ...options.workerData, stall };
    super(isFirst ? new URL("stalling-worker.ts", import.meta.url) : url, { ...options, workerData });
    thread ??= this;
  }
};
const watchdog = await startWatchdog(health, { host: "127.0.0.1", ...options });
watchPanics(health, { onPanic: watchdog.lastWords });

/** Works in every turn of the loop, for as long as 300 ms of CPU take, until it is released. */
function work(): void {
  const used = () => process.threadCpuUsage().user;
  const end = used() + 300_000;
  while (used() < end);
  if (Atomics.load(released, 0) === 0) setImmediate(work);
}

// A thread of its own reads stdin: the main thread cannot while it is blocked.
const released: Released = new Int32Array(new SharedArrayBuffer(4));
const commands = new Worker(new URL("./commands-worker.ts", import.meta.url), { workerData: released });
commands.on("message", async (command: string) => {
  Atomics.store(released, 0, 0);
  if (command === "fatal") return health.fatal("out of tea");
  if (command === "stall") Atomics.store(stall, 0, 1);
  if (command === "exit") process.exit(0);
  if (command === "panic")
    setImmediate(function boil() {
      throw new Error("no more tea");
    });
  if (command === "work") return work();
  if (command === "lose") void thread?.terminate();
  const block = blocks[command === "lose" ? "busy" : command];
  await block?.(released, folder);
});
await health.start();
say({ port: watchdog.port });
