import { createHealth, type HealthErrorCode, type HealthOptions, isHealthError } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";

/** Something that nobody can mean, and the error that it gets. */
export type Refusal = readonly [what: string, give: () => unknown, code: HealthErrorCode, message: string];

/** A health object that reads no real time. */
export function create(options: object) {
  return createHealth({ clock: new FakeClock(), ...(options as HealthOptions) });
}

/** Code and message of the error that `give` throws or rejects with; whatever else it throws as it is. */
export async function errorOf(give: () => unknown): Promise<unknown> {
  try {
    await give();
    return undefined;
  } catch (thrown) {
    return isHealthError(thrown) ? { code: thrown.code, message: thrown.message } : thrown;
  }
}
