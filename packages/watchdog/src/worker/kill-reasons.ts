import { type KillReason, killLine, killText } from "../last-words/kill-reason.ts";
import type { StandardError } from "../last-words/standard-error.ts";
import type { TerminationLog } from "../last-words/termination-log.ts";

/** Where reasons are told. */
export interface KillReasonParts {
  readonly standardError: Pick<StandardError, "say">;
  /** Undefined where there is none to write. */
  readonly terminationLog: TerminationLog | undefined;
  /** Hears of a termination log that cannot be written. */
  readonly onProblem: (problem: unknown) => void;
}

/**
 * Tells why liveness fails at the moment when it does: whoever kills the process for it leaves no time for that. Where
 * liveness passes again, the termination log is taken back, so that no later end is put down to it.
 */
export class KillReasons {
  readonly #parts: KillReasonParts;
  #told: string | undefined;

  constructor(parts: KillReasonParts) {
    this.#parts = parts;
  }

  /** To be called whenever it is known why liveness fails, if it does; `make` is called where that is news. */
  look(why: string | undefined, make: () => KillReason): void {
    if (why === this.#told) return;
    this.#told = why;
    const { standardError, terminationLog, onProblem } = this.#parts;
    const reason = why === undefined ? undefined : make();
    if (reason !== undefined) standardError.say(killLine(reason));
    try {
      if (reason === undefined) terminationLog?.takeBack();
      else terminationLog?.write(killText(reason));
    } catch (problem) {
      onProblem(problem);
    }
  }
}
