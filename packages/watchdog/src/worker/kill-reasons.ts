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
 * Tells why liveness fails at the moment when it does: whoever kills the process for it leaves no time for that. The
 * termination log is kept at the newest reason, and taken back where liveness passes again, so that no later end is put
 * down to it.
 */
export class KillReasons {
  readonly #parts: KillReasonParts;
  #told: KillReason | undefined;

  constructor(parts: KillReasonParts) {
    this.#parts = parts;
  }

  /** To be called whenever it is known whether liveness fails, with the same reason for as long as there is no news of it. */
  look(reason: KillReason | undefined): void {
    if (reason === this.#told) return;
    const { standardError, terminationLog, onProblem } = this.#parts;
    const isFirst = this.#told === undefined;
    this.#told = reason;
    try {
      if (reason === undefined) terminationLog?.takeBack();
      else terminationLog?.write(killText(reason));
    } catch (problem) {
      onProblem(problem);
    }
    // Last: it is the one that others can be in the way of.
    if (reason !== undefined && isFirst) standardError.say(killLine(reason));
  }
}
