import { appendFileSync } from "node:fs";
import { type Handler, rejecting, type Trigger } from "./panic-cases.ts";

// A process with handlers of its own that panics; watched, it keeps the panics in a file, and is otherwise the same.

const { HANDLERS = "", TRIGGER, PANICS } = process.env;
const say = (line: string) => process.stdout.write(`${line}\n`);

if (PANICS !== undefined) {
  const { createHealth } = await import("@otel-health/core");
  const { watchPanics } = await import("@otel-health/watchdog");
  const health = createHealth();
  watchPanics(health, {
    onPanic({ origin, fatal }) {
      const { status, message } = health.snapshot().checks["panics"] ?? {};
      appendFileSync(PANICS, `${JSON.stringify({ origin, fatal, status, message })}\n`);
    },
  });
}

const onRejection = () => say("the application's rejection listener");
const install: { readonly [H in Handler]: () => unknown } = {
  exception: () => process.on("uncaughtException", (_error, origin) => say(`the application's listener: ${origin}`)),
  capture: () => process.setUncaughtExceptionCaptureCallback(() => say("the application's callback")),
  rejection: () => process.on("unhandledRejection", onRejection),
  once: () => process.once("unhandledRejection", onRejection),
  rethrow: () =>
    process.on("unhandledRejection", (reason) => {
      throw reason;
    }),
  removed: () => {
    process.on("unhandledRejection", onRejection);
    setImmediate(() => process.off("unhandledRejection", onRejection));
  },
};
for (const name of HANDLERS.split(",")) install[name as Handler]?.();

const triggers: { readonly [T in Trigger]: () => unknown } = {
  throw: () => {
    throw new Error("thrown");
  },
  throwNothing: () => {
    throw undefined;
  },
  reject: () => void rejecting(),
  rejectNothing: () => void Promise.reject(),
};
setTimeout(() => {
  setTimeout(() => say("it lives on"), 20);
  triggers[TRIGGER as Trigger]();
}, 20);
process.on("exit", (code) => say(`exit ${code}`));
