// The thread that serves probes, which tells when it disconnects from the main thread, and when it is there after that.
import { workerData } from "node:worker_threads";

const { traced } = workerData as { readonly traced: Int32Array<SharedArrayBuffer> };
const { Session } = process.getBuiltinModule("node:inspector");
const { disconnect } = Session.prototype;
Session.prototype.disconnect = function (this: typeof Session.prototype) {
  disconnect.call(this);
  Atomics.store(traced, 0, 1);
  // It keeps nothing alive itself.
  setTimeout(() => Atomics.store(traced, 1, 1), 50).unref();
};
await import("../../src/probe-worker.ts");
