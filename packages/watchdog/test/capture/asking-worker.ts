import { once } from "node:events";
import { Session } from "node:inspector";
import { parentPort, workerData } from "node:worker_threads";
import { captureStack, type MainThreadSession } from "../../src/capture/capture-stack.ts";
import { MainThreadTimes } from "../../src/capture/thread-time.ts";
import { Shared } from "./shared.ts";

// The thread of a process that asks its blocked main thread for a stack, and dies where that is asked for.

const { shared: memory, block, phase } = workerData as { shared: SharedArrayBuffer; block: string; phase: string };
const shared = new Shared(memory);
const [end = "", when = ""] = phase.split("-");

if (parentPort === null) throw new Error("this is a worker");
const ended = once(parentPort, "message");
parentPort.postMessage("here");
// What keeps a thread that watches alive is its server: a session with the main thread does not.
const server = setInterval(() => {}, 1_000);
shared.sleepUntilBlocked();
untilInCall();

shared.say({ asked: true });
const { answer, closed } = captureStack({ wasBlockedAt: (atMs) => shared.wasBlockedAt(atMs), connect });
shared.say(await answer);
shared.release();
await ended;
await closed;
clearInterval(server);

/** What blocks must have been entered before the question is put. Where the kernel does not say, that is likely. */
function untilInCall(): void {
  const times = new MainThreadTimes();
  const { onCpuMs: began = Number.NaN } = times.read();
  if (block === "wait" || block === "fifo") while (/[RD]/.test(times.read().state ?? ""));
  else while ((times.read().onCpuMs ?? 0) < began + (block === "json" || block === "exit" ? 100 : 20));
  times.close();
}

/** A session as the capture's own, and the end of this thread in a phase of it. */
function connect(): MainThreadSession {
  const session = new Session() as MainThreadSession & Session;
  session.connectToMainThread();
  if (when === "connected") die();
  let questions = 0;
  return {
    post(method, params, callback) {
      questions += 1;
      const isFirst = questions === 1;
      session.post(method, params, (error: Error | null, answer?: object) => {
        if (when === "answered") return die();
        callback(error, isFirst && when === "trapped" ? withoutFrames(answer) : answer);
      });
      if (when === (isFirst ? "asked" : "trapped")) die();
    },
    disconnect: () => session.disconnect(),
  };
}

/** As where the question has come between two steps of a chain of await. */
function withoutFrames(answer: { readonly result?: { readonly value?: object } } | undefined): object {
  return { result: { value: { ...answer?.result?.value, frames: [] } } };
}

function die(): void {
  shared.say({ dies: phase });
  switch (end) {
    case "exit":
      process.exit(3);
      break;
    case "crash":
      setImmediate(() => {
        throw new Error("crashed");
      });
      break;
    case "memory":
      for (const hoard: unknown[] = []; ; ) hoard.push(new Array(10_000).fill({}));
    case "hang":
      for (;;);
  }
}
