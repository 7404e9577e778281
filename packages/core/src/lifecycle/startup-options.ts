import type { RunContext } from "../check/check.ts";
import { checkName } from "../check/check-name.ts";
import { HealthError } from "../health-error.ts";
import type { Outcome } from "../observation/outcome.ts";
import { OptionReader, optionsOf, show } from "../option-reader.ts";

/** Something to be done once before the process is ready: returns nothing or an outcome, or throws. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement is the commonest task
export type StartupFunction = (context: RunContext) => Outcome | undefined | void | Promise<Outcome | undefined | void>;

/** A startup task: retried with back-off until it succeeds; a fatal fault fails the start. */
export interface StartupTask {
  readonly run: StartupFunction;
  /** Names of the tasks that must be done first. */
  readonly after?: readonly string[];
  /** Milliseconds until an attempt's signal fires; default 30 000. The next attempt waits until this one has settled. */
  readonly timeoutMs?: number;
  /** Attempts with growing delays, default 10; after them it is tried again every `backoff.maxMs`. */
  readonly attempts?: number;
  /** Delay between attempts: `initialMs` (default 1 000) times `factor` (default 2), at most `maxMs` (default 30 000). */
  readonly backoff?: { readonly initialMs?: number; readonly factor?: number; readonly maxMs?: number };
  /** What an operator should look at when it fails. */
  readonly hint?: string;
}

/** Startup tasks by name; a function alone is a task with the defaults. */
export type StartupTasks = { readonly [name: string]: StartupFunction | StartupTask };

/** A startup task with every option validated and defaulted. */
export interface ResolvedTask {
  readonly name: string;
  readonly run: StartupFunction;
  readonly after: readonly string[];
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly backoff: { readonly initialMs: number; readonly factor: number; readonly maxMs: number };
  readonly hint: string | undefined;
}

/** Validates and defaults the tasks. Throws `HealthError`, also for tasks that wait for each other. */
export function resolveStartup(tasks: unknown): readonly ResolvedTask[] {
  const given = Object.entries(optionsOf("startup", tasks) as StartupTasks);
  const names = new Set(given.map(([name]) => name));
  const resolved = given.map(([name, task]) => resolveTask(checkName(name, "startup task"), task, names));
  refuseCycles(resolved);
  return resolved;
}

function resolveTask(name: string, task: StartupFunction | StartupTask, names: ReadonlySet<string>): ResolvedTask {
  const where = `startup task "${name}"`;
  const options = new OptionReader(where, typeof task === "function" ? { run: task } : task);
  const run = options.function<StartupFunction>("run");
  if (run === undefined) options.fail("run", "a function", undefined, "give the function that does the task");
  const after = options.array("after") ?? [];
  for (const earlier of after) {
    if (typeof earlier !== "string" || !names.has(earlier)) {
      throw new HealthError(
        "unknown_check",
        `${where} comes after ${show(earlier)}, which is no startup task; the tasks are: ${[...names].join(", ")}`,
      );
    }
  }
  const timeoutMs = options.ms("timeoutMs", 30_000, 1);
  const attempts = options.number("attempts", { min: 1, integer: true, fallback: 10 });
  const hint = options.string("hint");
  const delays = new OptionReader(`backoff of ${where}`, options.section("backoff"));
  const backoff = {
    initialMs: delays.ms("initialMs", 1_000, 1),
    factor: delays.number("factor", { min: 1, max: 100, fallback: 2 }),
    maxMs: delays.ms("maxMs", 30_000, 1),
  };
  delays.done();
  options.done();
  if (backoff.maxMs < backoff.initialMs) {
    options.contradiction(
      `backoff.maxMs (${backoff.maxMs}) is below backoff.initialMs (${backoff.initialMs}); raise it or lower the other`,
    );
  }
  return { name, run: run as StartupFunction, after: after as readonly string[], timeoutMs, attempts, backoff, hint };
}

function refuseCycles(tasks: readonly ResolvedTask[]): void {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]) => {
    if (path.includes(name)) {
      const cycle = [...path.slice(path.indexOf(name)), name].join(" after ");
      throw new HealthError("startup_cycle", `startup tasks wait for each other: ${cycle}; remove one "after"`);
    }
    if (done.has(name)) return;
    for (const earlier of byName.get(name)?.after ?? []) visit(earlier, [...path, name]);
    done.add(name);
  };
  for (const { name } of tasks) visit(name, []);
}
