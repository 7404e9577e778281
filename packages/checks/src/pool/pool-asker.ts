import type { Outcome, RunContext } from "@otel-health/core";
import { Outstanding } from "../dependency/outstanding.ts";
import { TimeBox } from "../dependency/time-box.ts";
import { untilAborted } from "../dependency/until-aborted.ts";
import { Patience, type PoolUse, underPressure } from "./patience.ts";

/** Share of a run's time that is waited for a connection, so that there is time left to say that there was none. */
const waitShare = 0.8;

/** A driver's pool of connections, as a check sees it. */
export interface Pool<C> {
  use(): PoolUse;
  borrow(): PromiseLike<C>;
  /** Whether a borrow of ours waits in the pool's queue, for pools that say no more of their use. */
  isQueued?(): boolean;
  /** Whether an error of `borrow` says that there is no connection to lend, for pools that do not queue for ever. */
  isRefusal?(error: unknown): boolean;
  /** Gives a connection back; `broken` ones are closed and not lent again. */
  giveBack(connection: C, broken: boolean): void;
}

interface Borrowed<C> {
  readonly connection: C | undefined;
  /** Whether it had to be waited for. */
  readonly isFull: boolean;
}

/** Asks a server through a connection that the application's pool lends. */
export class PoolAsker<C> {
  readonly #pool: Pool<C>;
  readonly #borrowed: Outstanding<C>;
  readonly #patience: Patience;

  constructor(pool: Pool<C>, maxStarvedMs: number) {
    this.#pool = pool;
    this.#borrowed = new Outstanding((connection) => pool.giveBack(connection, false));
    this.#patience = new Patience(maxStarvedMs);
  }

  /**
   * Resolves to what `question` makes of the connection's answer, or to a warning about the pool. A run that gives up
   * closes the connection: that is all that ends a question, and who was next to borrow it would hang with it.
   */
  async ask(
    context: RunContext,
    question: (connection: C) => Promise<Outcome | undefined>,
  ): Promise<Outcome | undefined> {
    const before = this.#pool.use();
    try {
      const { connection, isFull } = await this.#borrow(context, before.used >= before.max);
      if (connection === undefined) return this.#patience.starved(context.clock.now(), this.#pool.use());
      const outcome = await this.#question(context, connection, question);
      if (outcome?.status !== "fail") this.#patience.answered(context.clock.now());
      return outcome ?? (isFull ? underPressure(before) : undefined);
    } catch (error) {
      this.#patience.failed();
      throw error;
    }
  }

  /** None where a pool that was full gave none in time. One that is not full opens one, which may take its time. */
  async #borrow(context: RunContext, wasFull: boolean): Promise<Borrowed<C>> {
    using box = new TimeBox(context);
    const borrowed = this.#borrowed.ask({ clock: context.clock, signal: box.signal }, () => this.#pool.borrow());
    const isFull = wasFull || this.#pool.isQueued?.() === true;
    if (isFull) box.limit(waitShare * context.timeoutMs);
    try {
      return { connection: await borrowed, isFull };
    } catch (error) {
      if (box.isOver || this.#pool.isRefusal?.(error)) return { connection: undefined, isFull: true };
      throw error;
    }
  }

  async #question(
    { signal }: RunContext,
    connection: C,
    question: (connection: C) => Promise<Outcome | undefined>,
  ): Promise<Outcome | undefined> {
    let broken = true;
    try {
      const outcome = await untilAborted(signal, question(connection));
      broken = false;
      return outcome;
    } finally {
      this.#pool.giveBack(connection, broken);
    }
  }
}
