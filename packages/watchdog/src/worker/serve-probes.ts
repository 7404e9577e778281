import type { AddressInfo } from "node:net";
import type { MessagePort } from "node:worker_threads";
import { type Clock, type LoopBlock, systemClock } from "@otel-health/core/worker";
import { MainThreadTimes } from "../capture/thread-time.ts";
import { createNotifier } from "../host/systemd-notifier.ts";
import { StandardError } from "../last-words/standard-error.ts";
import { TerminationLog } from "../last-words/termination-log.ts";
import { AnswerCounts } from "../memory/answer-counts.ts";
import { PublicationReader } from "../memory/publication.ts";
import { TripleReader } from "../memory/triple-buffer.ts";
import { Answers } from "./answers.ts";
import { killReasonMaker } from "./kill-reason-maker.ts";
import { KillReasons } from "./kill-reasons.ts";
import { LoopWatch } from "./loop-watch.ts";
import { MainThreadStack } from "./main-thread-stack.ts";
import { createProbeServer } from "./probe-server.ts";
import { type FromProbeThread, type ProbeWork, pulseWords } from "./probe-work.ts";
import { SystemdPings } from "./systemd-pings.ts";

/** When it is told to close, a client that does not take its answer is cut off after this many milliseconds. */
const closeWithinMs = 1_000;

/** Serves probes from what another thread publishes, until that thread says "close" through `port`. */
export function serveProbes(work: ProbeWork, port: MessagePort): void {
  const { plans, pulse, thresholds, lookEveryMs } = work;
  const clock: Clock = systemClock;
  const tell = (message: FromProbeThread) => port.postMessage(message);
  const complain = (what: string, problem: unknown) =>
    tell({ kind: "problem", what, message: problem instanceof Error ? problem.message : String(problem) });

  const publications = new PublicationReader(new TripleReader(work.answers), plans);
  const answers = new Answers(plans, new AnswerCounts(plans, work.counts));
  const times = work.watchesMainThread ? new MainThreadTimes() : undefined;
  const stack = new MainThreadStack();
  const watch = new LoopWatch({
    clock,
    pulse,
    thresholds,
    readTimes: () => times?.read() ?? {},
    capture: work.captureStack ? stack.name : undefined,
    onEnded: (block, findings) => tell({ kind: "block", block: { ...block, ...findings } }),
  });
  const standardError = new StandardError();
  const reasons = new KillReasons({
    standardError,
    terminationLog: work.terminationLog === undefined ? undefined : new TerminationLog(work.terminationLog),
    onProblem: (problem) => complain("the termination log cannot be written", problem),
  });
  const reasonFor = killReasonMaker(clock);
  const notifier = work.systemd && createNotifier({ env: work.systemd, clock, complain });
  const everyMs = notifier?.watchdogIntervalMs;
  const pings = notifier && everyMs !== undefined ? new SystemdPings(notifier, everyMs) : undefined;
  /** Before anyone hears that liveness fails, it is written down why. */
  const judged = (block: LoopBlock | undefined) => {
    const publication = publications.latest();
    const reason = reasonFor(publication.failure, block, watch);
    reasons.look(reason);
    pings?.look(clock.now(), reason !== undefined);
    return publication;
  };
  const server = createProbeServer((request) => {
    const block = watch.look();
    return answers.respond(request, judged(block), block);
  });
  const tick = () => {
    Atomics.add(pulse, pulseWords.looks, 1);
    judged(watch.tick());
    standardError.retry();
    timer = clock.setTimer(tick, lookEveryMs, false);
  };
  let timer = clock.setTimer(tick, lookEveryMs, false);

  server.once("error", (error: NodeJS.ErrnoException) => {
    const { message, ...properties } = { ...error, message: error.message };
    tell({ kind: "failed", error: { message, properties } });
    port.close();
  });
  // Exclusive: in a cluster's worker the port is its own, shared with nobody.
  server.listen({ port: work.port, host: work.host, exclusive: true }, () => {
    server.removeAllListeners("error");
    // What fails later, such as an accept for want of file descriptors, must not end the thread.
    server.on("error", (error) => complain("the probe server", error));
    tell({ kind: "listening", port: (server.address() as AddressInfo).port });
  });
  port.once("message", () => {
    clock.clearTimer(timer);
    times?.close();
    standardError.close();
    server.close();
    clock.setTimer(() => server.closeAllConnections(), closeWithinMs, false);
    // Then nothing is left to do, and the thread ends.
    void stack.close().then(() => port.close());
  });
}
