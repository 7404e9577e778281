import { fail, type Outcome, warn } from "@otel-health/core";

/** How a pool is used at the moment. */
export interface PoolUse {
  /** The most connections that it opens; `Infinity` where the driver does not tell. */
  readonly max: number;
  /** Connections that someone holds. */
  readonly used: number;
  /** Callers that wait for one; undefined where the driver does not tell. */
  readonly waiting: number | undefined;
}

/** `maxStarvedMs` of the checks of pools, where it is not given: longer than most peaks, shorter than an operator's patience. */
export const defaultStarvedMs = 30_000;

const hint =
  "every connection of the pool is in use: slow queries, transactions that are not ended, connections that are not released, or a pool that is too small";

/** A pool that had no connection to lend when a run came, but lent one within its time. */
export function underPressure(use: PoolUse): Outcome {
  return warn(`${all(use)} connections of the pool were in use${callers(use)}`, { hint });
}

function all({ max }: PoolUse): string {
  return max === Number.POSITIVE_INFINITY ? "all" : `all ${max}`;
}

function callers({ waiting }: PoolUse): string {
  return waiting === undefined ? "" : `, ${waiting} callers waiting`;
}

/**
 * Judges a pool that lends no connection within a run. While the server's last answer was a good one and is at most
 * `maxStarvedMs` old the pool is busy: a warning. Then, or after a failure, nothing says that the server is alive:
 * connections that are held by calls that hang look just like that.
 */
export class Patience {
  readonly #maxStarvedMs: number;
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor(maxStarvedMs: number) {
    this.#maxStarvedMs = maxStarvedMs;
  }

  answered(now: number): void {
    this.#answeredAt = now;
  }

  failed(): void {
    this.#answeredAt = Number.NEGATIVE_INFINITY;
  }

  starved(now: number, use: PoolUse): Outcome {
    const message = `the pool lent no connection: ${all(use)} are in use${callers(use)}`;
    if (now - this.#answeredAt <= this.#maxStarvedMs) return warn(message, { hint });
    this.failed();
    return fail(message, { errorType: "pool_exhausted", hint });
  }
}
