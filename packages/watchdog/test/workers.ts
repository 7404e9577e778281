import type { Worker } from "node:worker_threads";
import { onTestFinished, vi } from "vitest";

/** The threads that are made while a test runs, so that it can end one as a crash would. */
export function spyOnWorkers(): readonly Worker[] {
  const threads = process.getBuiltinModule("node:worker_threads");
  const { Worker: Real } = threads;
  const made: Worker[] = [];
  const spy = vi.spyOn(threads, "Worker").mockImplementation(
    // A constructor: an arrow function is none.
    function make(...args: ConstructorParameters<typeof Real>) {
      const worker = new Real(...args);
      made.push(worker);
      return worker;
    } as never,
  );
  onTestFinished(() => spy.mockRestore());
  return made;
}
