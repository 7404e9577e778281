import { type CheckFunction, type CheckTransition, createHealth, type FunctionCheck } from "@otel-health/core";
import { hostileReturned } from "./hostile-returned.ts";
import { hostileRuns, timeoutMs } from "./hostile-runs.ts";
import { hostileThrown } from "./hostile-thrown.ts";

// A process of its own, with every hostile check at once. It prints one line of JSON and ends by itself.

/** What a run that must have failed or passed said when its check was judged. */
interface Judged {
  readonly what: string;
  readonly state: string;
  readonly message: string | null;
  readonly errorType: string | null;
}

/** What the process prints. */
export interface HostileReport {
  readonly judged: readonly Judged[];
  /** Probe answers, given synchronously at each transition, by status code. */
  readonly answers: { readonly [status: string]: number };
  readonly unhandled: readonly string[];
}

const unhandled: string[] = [];
for (const event of ["unhandledRejection", "uncaughtException"] as const)
  process.on(event, () => {
    unhandled.push(event);
    process.exitCode = 1;
  });

const throwing = hostileThrown.map(({ what, thrown }) => ({
  what: `throws ${what}`,
  run: () => {
    throw thrown();
  },
}));
const rejecting = hostileThrown.map(({ what, thrown }) => ({
  what: `rejects with ${what}`,
  run: async () => {
    throw thrown();
  },
}));
const returning = hostileReturned.map(({ what, returned }) => ({ what: `returns ${what}`, run: returned }));
const hostile = [...throwing, ...rejecting, ...returning, ...hostileRuns];

const checks: Record<string, FunctionCheck> = {};
for (const [i, { run }] of hostile.entries()) {
  checks[`hostile-${i}`] = {
    run: run as CheckFunction,
    intervalMs: 20,
    timeoutMs,
    failureThreshold: 2,
    gracePeriodMs: 0,
  };
}
const health = createHealth({ checks, endpoints: { detail: "full" } });
const judged = new Map<string, CheckTransition>();
const answers: Record<string, number> = {};
const { promise: allJudged, resolve } = Promise.withResolvers<void>();
health.on("transition", (transition) => {
  if (transition.type !== "check") return;
  const response = health.respond({ method: "GET", url: "/readyz" });
  const { checks: reported } = JSON.parse(response?.body ?? "");
  const known = Object.keys(reported).length === hostile.length ? response?.status : undefined;
  answers[String(known)] = (answers[String(known)] ?? 0) + 1;
  // The first judgement: what a slow machine makes of it later, staleness for example, is of no interest here.
  if (!judged.has(transition.name)) judged.set(transition.name, transition);
  if (judged.size === hostile.length) resolve();
});
// The schedule keeps no process alive.
const alive = setInterval(() => {}, 1_000);
await health.start();
await allJudged;
await health.stop();
clearInterval(alive);

const report: HostileReport = {
  judged: hostile.map(({ what }, i) => {
    const { state = "", message = "", errorType = "" } = judged.get(`hostile-${i}`) ?? {};
    return { what, state, message, errorType };
  }),
  answers,
  unhandled,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
