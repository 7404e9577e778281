import type { Worker } from "node:worker_threads";
import type { Clock } from "@otel-health/core";
import { probeWorkerUrl } from "../probe-worker-url.ts";
import type { FromProbeThread, ListenError, ProbeWork, ToldBlock, ToProbeThread } from "../worker/probe-work.ts";

/** A thread that has not closed within this many milliseconds is ended. */
const closeWithinMs = 2_000;

/** Megabytes: bodies of thousands of checks find room, and a leak does not grow to what the whole process may use. */
const resourceLimits = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 2 } as const;

/** What is heard of a thread. */
export interface ThreadListener {
  onBlock(block: ToldBlock): void;
  onProblem(what: string, message: string): void;
  /** It served, and has ended without being told to. */
  onLost(reason: string): void;
}

/** A thread that serves probes. */
export interface ProbeThread {
  readonly port: number;
  /** Resolves when it has ended. */
  close(): Promise<void>;
  /** Ends it as far as that can be, and for that reason it is lost then: in a system call it stays until that returns. */
  giveUp(reason: string): void;
}

/** Makes the thread. Throws where there can be none. */
export type MakeWorker = (work: ProbeWork) => Worker;

/** It has none of the application's hooks, environment and output: an SDK that is preloaded is not started in it again. */
export const makeWorker: MakeWorker = (work) => {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  return new Worker(probeWorkerUrl(), {
    name: "otel-health",
    workerData: { probes: work },
    execArgv: [],
    env: {},
    // Streams of its own, on which nothing is written: those of the process are not made for it. They are not read, which
    // would keep the process alive.
    stdout: true,
    stderr: true,
    resourceLimits,
  });
};

/**
 * Starts a thread, and resolves when it listens. Rejects with Node's error where it cannot. It keeps the process alive
 * while it starts, if it is `waitedFor`.
 */
export async function startProbeThread(
  make: MakeWorker,
  work: ProbeWork,
  clock: Clock,
  waitedFor: boolean,
  listener: ThreadListener,
): Promise<ProbeThread> {
  const worker = make(work);
  if (!waitedFor) worker.unref();
  const listening = Promise.withResolvers<number>();
  const exited = Promise.withResolvers<void>();
  let state: "starting" | "serving" | "ending" = "starting";
  let error: unknown;
  worker.on("message", (message: FromProbeThread) => {
    switch (message.kind) {
      case "listening":
        return listening.resolve(message.port);
      case "failed":
        return listening.reject(revived(message.error));
      case "block":
        return listener.onBlock(message.block);
      case "problem":
        return listener.onProblem(message.what, message.message);
    }
  });
  worker.on("error", (thrown) => {
    error = thrown;
  });
  worker.on("exit", (code) => {
    exited.resolve();
    const reason = error ?? new Error(`the thread ended with ${code}`);
    if (state === "starting") listening.reject(reason);
    if (state === "serving") listener.onLost(reason instanceof Error ? reason.message : String(reason));
  });

  const port = await listening.promise;
  state = "serving";
  worker.unref();
  return {
    port,
    async close() {
      state = "ending";
      worker.ref();
      worker.postMessage("close" satisfies ToProbeThread);
      const timer = clock.setTimer(() => void worker.terminate(), closeWithinMs, true);
      await exited.promise;
      clock.clearTimer(timer);
    },
    giveUp(reason) {
      error = reason;
      void worker.terminate();
    },
  };
}

function revived({ message, properties }: ListenError): Error {
  return Object.assign(new Error(message), properties);
}
