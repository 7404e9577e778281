import type { RunContext, ScheduleOptions } from "../check/check.ts";
import { HealthError } from "../health-error.ts";
import type { Answer } from "../observation/observation.ts";
import { isRecord, longestMs, show } from "../option-reader.ts";
import { type Part, type ReadPart, readPart } from "./part.ts";
import { withinTime } from "./within-time.ts";

/** Parts by name, or in a list, whose places are their names. */
export type Parts = { readonly [name: string]: Part } | readonly Part[];

/** Options of a combination of several checks: those of any check that is run. Of its parts it takes none but their hints. */
export type CombinationOptions = ScheduleOptions;

/** What a part answered. */
export interface PartAnswer {
  readonly name: string;
  readonly critical: boolean;
  readonly answer: Answer;
}

interface NamedPart extends ReadPart {
  readonly name: string;
}

/** What of the run's time the parts may take, so that a part which hangs leaves time to say so. */
const shareOfRun = 0.8;

/** What a part may say for itself; everything else belongs to the combination. */
const honoured = ["critical", "hint", "timeoutMs"];

/** Several parts that are asked at once. */
export class PartSet {
  readonly #parts: readonly NamedPart[];

  /** Validates them. Throws `HealthError`. */
  constructor(where: string, parts: unknown) {
    if (!Array.isArray(parts) && !isRecord(parts))
      throw new HealthError("invalid_option", `${where} takes checks by name or in a list, got ${show(parts)}`);
    const names = Array.isArray(parts);
    this.#parts = Object.entries(parts as Parts).map(([key, part]) => {
      const name = names ? `#${Number(key) + 1}` : key;
      const of = `part ${show(name)} of ${where}`;
      const read = readPart(of, part);
      const lost = Object.keys(read.options).find((option) => !honoured.includes(option));
      if (lost !== undefined)
        throw new HealthError(
          "contradictory_options",
          `${of} has ${lost}, which only the whole can have; give it to ${where}, and take it from the part`,
        );
      return { ...read, name };
    });
    if (this.#parts.length === 0)
      throw new HealthError("invalid_option", `${where} takes at least one check, got none`);
  }

  get size(): number {
    return this.#parts.length;
  }

  /** External if any is, of this process if all are, else unsaid. */
  get external(): boolean | undefined {
    if (this.#parts.some(({ external }) => external === true)) return true;
    return this.#parts.every(({ external }) => external === false) ? false : undefined;
  }

  /** Name of a part that is not critical; undefined where all are. */
  get optional(): string | undefined {
    return this.#parts.find(({ options }) => options.critical === false)?.name;
  }

  /** Asks all of them at once, each within its own time; resolves when all have answered. Never rejects. */
  ask(context: RunContext): Promise<readonly PartAnswer[]> {
    const share = Math.min(Math.max(1, Math.floor(context.timeoutMs * shareOfRun)), longestMs);
    return Promise.all(
      this.#parts.map(async ({ name, run, options }) => {
        const answer = await withinTime(run, context, Math.min(options.timeoutMs ?? share, share));
        const hint = answer.hint ?? (answer.outcome === "pass" ? undefined : options.hint);
        return { name, critical: options.critical ?? true, answer: { ...answer, hint } };
      }),
    );
  }
}
