import {
  createHealth,
  type FunctionCheck,
  fail,
  type HealthOptions,
  type Outcome,
  type ScheduleOptions,
  warn,
} from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";

/** A check whose answer a test sets; each run takes `takesMs` of a fake clock. */
export class Scripted {
  answer: Outcome | Error | undefined;
  takesMs = 0;
  runs = 0;

  /** Unhealthy at the first failure and healthy at the first pass, so that stories are short. */
  check(options: ScheduleOptions = {}): FunctionCheck {
    return {
      failureThreshold: 1,
      gracePeriodMs: 0,
      jitter: 0,
      ...options,
      run: async ({ clock }) => {
        this.runs++;
        if (this.takesMs > 0) {
          const { promise, resolve } = Promise.withResolvers<void>();
          clock.setTimer(resolve, this.takesMs, false);
          await promise;
        }
        if (this.answer instanceof Error) throw this.answer;
        return this.answer;
      },
    };
  }

  passes(): void {
    this.answer = undefined;
  }

  warns(message = "slow"): void {
    this.answer = warn(message);
  }

  fails(message = "down"): void {
    this.answer = fail(message, { errorType: "ECONNREFUSED" });
  }
}

/** A process with one check named `db`, not started. */
export function createStory(options: ScheduleOptions = {}, more: Pick<HealthOptions, "endpoints"> = {}) {
  const clock = new FakeClock();
  const db = new Scripted();
  const health = createHealth({ ...more, clock, checks: { db: db.check(options) } });
  return { clock, db, health };
}

/** The same, started and healthy. */
export async function startStory(...options: Parameters<typeof createStory>) {
  const story = createStory(...options);
  const started = story.health.start();
  await story.clock.advance(0);
  await started;
  return story;
}
