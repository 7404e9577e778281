import type { Agenda, AgendaEntry } from "../schedule/agenda.ts";
import type { CheckRecord } from "./check-record.ts";

interface Held extends AgendaEntry {
  readonly name: string;
  /** Names of the checks whose runs are waited for. */
  readonly awaited: Set<string>;
  readonly tell: () => void;
}

/**
 * Announcements that wait for runs under way, so that they can name the cause. Only what is said waits: states,
 * answers and metrics are what they are.
 */
export class Withheld {
  readonly #agenda: Agenda;
  readonly #held = new Map<string, Held>();

  constructor(agenda: Agenda) {
    this.#agenda = agenda;
  }

  /** Tells when the runs of all these checks have ended; at the latest when the longest of them may have. */
  hold(name: string, running: readonly CheckRecord[], now: number, tell: () => void): void {
    const held: Held = {
      name,
      awaited: new Set(running.map((record) => record.name)),
      tell,
      position: -1,
      wakeAt: Number.POSITIVE_INFINITY,
      wake: () => this.release(name),
    };
    this.#held.set(name, held);
    this.#agenda.set(held, now + Math.max(...running.map(({ driver }) => driver.runningForMs ?? 0)));
  }

  /** A run of a check has ended, or the check is gone. */
  ran(name: string): void {
    if (this.#held.size === 0) return;
    for (const held of [...this.#held.values()]) {
      if (held.awaited.delete(name) && held.awaited.size === 0) this.release(held.name);
    }
  }

  /** Tells what is held of a check now: nothing of it may be overtaken. */
  release(name: string): void {
    const held = this.#held.get(name);
    if (held === undefined) return;
    this.#held.delete(name);
    this.#agenda.set(held, Number.POSITIVE_INFINITY);
    held.tell();
  }

  releaseAll(): void {
    for (const name of [...this.#held.keys()]) this.release(name);
  }
}
