import { createServer } from "node:http";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import {
  type Aggregator,
  all,
  any,
  attributes,
  type CheckFunction,
  type Clock,
  type CloseHook,
  cached,
  createHealth,
  demand,
  demandCheck,
  demandCheckOptions,
  demandMs,
  describeThrown,
  drainOnSignals,
  events,
  fail,
  gate,
  type Health,
  HealthError,
  type HealthErrorCode,
  type HealthResponse,
  type HealthSnapshot,
  type HealthState,
  healthErrorCodes,
  heartbeat,
  isHealthContext,
  isHealthError,
  keepHealthSpans,
  mapOutcome,
  metrics,
  notFound,
  type Outcome,
  pass,
  probeNames,
  push,
  quorum,
  type Report,
  redact,
  type ScheduleOptions,
  scopeName,
  sharedHealth,
  spans,
  systemClock,
  threshold,
  untraced,
  type VerdictStatus,
  warn,
  when,
  withRetry,
  withTimeout,
} from "@otel-health/core";
import { abortable, delayed, FakeClock, hang, recordTransitions, scripted, settle } from "@otel-health/core/testing";
import { healthEndpoints, createHealth as reexported } from "@otel-health/express";
import { healthEndpoints as inHono } from "@otel-health/hono";
import {
  attachHealth,
  endWorkers,
  gracefulClose,
  type HealthServer,
  healthFetch,
  healthMiddleware,
  lastAnswers,
  listenAgent,
  listenHealth,
  reportToPrimary,
  watchWorkers,
} from "@otel-health/http";
import { healthEndpoints as inKoa } from "@otel-health/koa";
import { logTransitions } from "@otel-health/pino";
import express, { type RequestHandler } from "express";
import { Hono } from "hono";
import Koa from "koa";
import { pino } from "pino";

// Uses every function as an application would, and says what type it has of it.

const clock: Clock = new FakeClock(Date.UTC(2026, 0), 7);
const ping: CheckFunction = async ({ signal, clock }) => {
  const aborted: boolean = signal.aborted;
  const now: number = clock.now();
  return aborted || now < 0 ? fail("gone", { fault: "fatal", cause: new Error("x") }) : undefined;
};
const aggregate: Aggregator = ({ critical, all }): VerdictStatus =>
  critical.unhealthy > 0 && all().length > 1 ? "unhealthy" : "healthy";

export const health = createHealth({
  service: { name: "orders", version: "1.4.2" },
  clock,
  checks: {
    postgres: ping,
    session: () => {},
    cache: { run: async (): Promise<Outcome> => warn("slow", { hint: "look" }), critical: false, intervalMs: 5_000 },
    outbox: heartbeat({ maxAgeMs: 30_000 }),
    inbox: push({ staleAfterMs: 60_000 }),
    maintenance: gate({ open: true }),
    queue: threshold(() => 3, { failAbove: 10, probes: ["readiness", "serving"] }),
    shards: all(
      { one: any([ping, ping]), two: quorum(1, [withTimeout(ping, { timeoutMs: 500 })]) },
      { intervalMs: 9_000 },
    ),
    mail: cached(withRetry(ping, { attempts: 2 }), { maxAgeMs: 60_000 }),
    search: when(
      () => true,
      mapOutcome(ping, (outcome, { timeoutMs }) => (timeoutMs > 0 ? outcome : undefined)),
    ),
    scripted: { ...scripted(pass(), new Error("x"), hang, delayed(5, abortable(hang))), dependsOn: ["postgres"] },
  },
  startup: { migrate: async ({ signal }) => signal.throwIfAborted(), seed: { run: () => pass(), after: ["migrate"] } },
  probes: { readiness: { checks: ["postgres", "queue"], aggregate }, serving: { aggregate: { quorum: 1 } } },
  groups: { payments: { checks: ["postgres", "cache"], aggregate: "any" } },
  endpoints: { prefix: "/internal", detail: { readiness: "full" }, paths: { liveness: ["/alive"] } },
});

export async function use(): Promise<void> {
  // Each kind of check gives a handle of its own.
  health.checks.outbox.beat();
  const beats: number = health.checks.outbox.beats;
  health.checks.inbox.fail("lost", { retryAfterMs: 5_000 });
  health.checks.maintenance.close("upgrade");
  const open: boolean = health.checks.maintenance.isOpen;
  const state: HealthState = health.checks.postgres.status;
  const later = health.register("late", heartbeat({ maxAgeMs: 1_000 }));
  later.beat();
  await later.unregister();

  const resized: string = await health.task(
    "resize",
    { deadlineMs: 60_000 },
    async ({ signal }) => `${signal.aborted}`,
  );
  const sequence: Promise<void> = health.task(
    "poll",
    { deadlineMs: Number.POSITIVE_INFINITY, critical: false },
    () => {},
  );
  await sequence;

  const snapshot: HealthSnapshot<keyof typeof health.checks> = health.snapshot();
  const report: Report = health.report("readiness", { detail: "full" });
  const response: HealthResponse | undefined = health.respond({ method: "GET", url: "/livez" });
  const off: () => void = health.on("transition", async (transition) => {
    const subject: string = transition.type === "check" ? transition.name : transition.probe;
    await untraced(async (name: string) => name, subject);
  });
  off();

  // A whole health object goes where some of it is asked for.
  const anyHealth: Health = reexported();
  const server = createServer((request, response) => {
    if (health.isHealthRequest(request)) healthMiddleware(anyHealth)(request, response);
    else response.writeHead(notFound.GET.status, notFound.GET.headers).end(notFound.GET.body);
  });
  const detach: () => void = attachHealth(server, health, { prefix: "/internal" });
  detach();
  const handler: RequestHandler = healthEndpoints(health);
  express().use(handler).use(healthMiddleware(health));
  new Koa().use(inKoa(health));
  const fetched: Response | Promise<Response> = new Hono().use(inHono(health)).fetch(new Request("http://a/livez"));
  const handled: Response | Promise<Response> | string = healthFetch(health)(new Request("http://a/livez"), () => "no");
  const shared = sharedHealth("orders", () => ({ checks: { outbox: heartbeat({ maxAgeMs: 30_000 }) } }));
  shared.checks.outbox.beat();
  const own: HealthServer = await listenHealth(health, { port: 9_090, closeWithinMs: 500, clock: systemClock });
  await own.close();
  logTransitions(health, pino());
  const agent = await listenAgent(health, { host: "127.0.0.1" });
  demand(health.verdict("liveness") !== "unhealthy", "the verdict", "one that passes", "unhealthy");
  demandMs("delayMs of mine", 5);
  demandCheck("mine()", ping);
  demandCheckOptions<ScheduleOptions & { readonly path?: string }>("mine()", { path: "/" }, { path: true });
  const told: string = redact(describeThrown(new Error(resized)).message);
  const ofHealth: boolean = isHealthContext(ROOT_CONTEXT);
  const leave: () => Promise<void> = lastAnswers(server, health);
  const offAgain: () => void = health.on("change", () => void leave());
  offAgain();
  const verdict: VerdictStatus = health.verdict("readiness", { checks: ["postgres"] });
  health.countAnswer("readiness", verdict === "unhealthy" ? "UNAVAILABLE" : 200);
  const stopReports: () => void = reportToPrimary(health, { intervalMs: 500 });
  stopReports();
  watchWorkers(health.register("workers", push()), { count: 4, atLeast: 3 });
  await endWorkers();
  const close: readonly CloseHook[] = [gracefulClose(server, health), () => own.close(), () => agent.close()];
  drainOnSignals(health, { signals: ["SIGTERM"], close, flush: async () => {} });

  const { shouldSample } = keepHealthSpans({ shouldSample: () => ({ decision: 0 }), toString: () => "never" });
  const decision: number = shouldSample().decision;

  await health.start();
  await health.refresh({ maxAgeMs: 1_000 });
  await health.drain({ delayMs: 5_000, flush: () => {} });
  await health.stop();
  await settle();
  using transitions = recordTransitions(health);
  const states: readonly HealthState[] = transitions.statesOf("postgres");

  try {
    createHealth({ maxCheckNames: 0 });
  } catch (error) {
    if (!isHealthError(error)) throw new HealthError("stopped", "x", { cause: error });
    const code: HealthErrorCode = error.code;
    const meaning: string = healthErrorCodes[code];
    console.log(code, meaning);
  }
  const names: readonly string[] = [metrics.checkStatus.name, events.checkTransition, scopeName, ...probeNames];
  console.log(
    names,
    attributes,
    spans,
    decision,
    states,
    beats,
    open,
    state,
    snapshot.checks.queue.status,
    report,
    told,
    ofHealth,
    response?.body,
    fetched,
    handled,
  );
}
