import type { CheckRecord } from "../monitor/check-record.ts";
import type { Monitor } from "../monitor/monitor.ts";
import { demandSameCheck, type ResolvedTaskOptions } from "./resolve-task.ts";
import type { TaskWork } from "./task.ts";
import { Tasks } from "./tasks.ts";

/**
 * Runs one task under the check of its name, which the first one makes. The promise is as the work's; it may be
 * ignored, since a rejection is to be seen in the check. Throws `HealthError` where there can be no such check.
 */
export function runTask<R>(
  monitor: Monitor,
  name: string,
  { limits, check }: ResolvedTaskOptions,
  work: TaskWork<R>,
): Promise<R> {
  const promise = supervise(tasksOf(monitor, name, check), limits, work);
  promise.catch(() => {});
  return promise;
}

function tasksOf(monitor: Monitor, name: string, check: ResolvedTaskOptions["check"]): Tasks {
  const existing: CheckRecord | undefined = monitor.records.get(name);
  if (existing?.driver instanceof Tasks) {
    demandSameCheck(name, existing.check, check);
    return existing.driver;
  }
  const isCheck = (other: string) => monitor.records.has(other);
  return monitor.add(name, check, isCheck, (host) => new Tasks(monitor, host)).driver as Tasks;
}

async function supervise<R>(tasks: Tasks, limits: ResolvedTaskOptions["limits"], work: TaskWork<R>): Promise<R> {
  const task = tasks.begin(limits);
  let result: R;
  try {
    result = await work(task.context);
  } catch (thrown) {
    tasks.rejected(task, thrown);
    throw thrown;
  }
  tasks.fulfilled(task);
  return result;
}
