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

/** A connection that was lent. */
interface Borrowed<C> {
  readonly connection: C;
  /** The pool had room, so that it may have opened it for the check. */
  readonly opened: boolean;
}

/** What a run was lent: nothing where the pool had nothing to lend. */
interface Lent<C> {
  readonly connection: C | undefined;
  readonly isFull: boolean;
}

/** Asks a server through a connection that the application's pool lends. */
export class PoolAsker<C> {
  readonly #pool: Pool<C>;
  readonly #borrowed: Outstanding<Borrowed<C>>;
  readonly #patience: Patience;

  constructor(pool: Pool<C>, maxStarvedMs: number) {
    this.#pool = pool;
    // What comes when nobody waits any more: another's goes back; one more than the pool had is closed, or an outage would
    // leave the pool larger than the application made it.
    this.#borrowed = new Outstanding(({ connection, opened }) => pool.giveBack(connection, opened));
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
    const before = this.#use();
    try {
      const { connection, isFull } = await this.#borrow(context, before.used >= before.max);
      if (connection === undefined) return this.#patience.starved(context.clock.now(), this.#use());
      const outcome = await this.#question(context, connection, question);
      if (outcome?.status !== "fail") this.#patience.answered(context.clock.now());
      return outcome ?? (isFull ? underPressure(before) : undefined);
    } catch (error) {
      this.#patience.failed();
      throw error;
    }
  }

  /** How others use it: what this check waits for itself is not counted. */
  #use(): PoolUse {
    const use = this.#pool.use();
    const { waiting } = use;
    return { ...use, waiting: waiting && Math.max(0, waiting - this.#borrowed.size) };
  }

  /** None where a pool that was full gave none in time. One that is not full opens one, which may take its time. */
  async #borrow(context: RunContext, wasFull: boolean): Promise<Lent<C>> {
    const box = new TimeBox(context);
    const isFull = () => wasFull || this.#pool.isQueued?.() === true;
    try {
      const borrowed = this.#borrowed.ask({ clock: context.clock, signal: box.signal }, () => {
        const borrowing = this.#pool.borrow();
        const opened = !isFull();
        return borrowing.then((connection) => ({ connection, opened }));
      });
      const waits = isFull();
      if (waits) box.limit(waitShare * context.timeoutMs);
      const { connection } = await borrowed;
      return { connection, isFull: waits };
    } catch (error) {
      if (box.isOver || this.#pool.isRefusal?.(error) === true) return { connection: undefined, isFull: true };
      throw error;
    } finally {
      box.end();
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
