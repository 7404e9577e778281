import type { AttachCheck, FunctionCheck, RunContext, ScheduleOptions } from "../check/check.ts";
import { checkName } from "../check/check-name.ts";
import { HealthError } from "../health-error.ts";
import type { Answer } from "../observation/observation.ts";
import { isRecord, longestMs, optionsOf, show } from "../option-reader.ts";
import { guarded } from "../telemetry/guard.ts";
import { type Part, type ReadPart, readPart } from "./part.ts";
import { TimedPart } from "./timed-part.ts";

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
  readonly timed: TimedPart;
}

/** What of the run's time the parts may take, so that a part which hangs leaves time to say so. */
const shareOfRun = 0.8;

/** Of every check that is run. */
const defaultTimeoutMs = 2_000;

/** What the parts decide, and what the combination is: not for the options of the whole. */
const ofParts = ["attach", "external", "kind", "run"];

/** What a part may say for itself; everything else belongs to the combination. */
const honoured = ["attach", "critical", "hint", "timeoutMs"];

/** Several parts that are asked at once. */
export class PartSet {
  readonly #parts: readonly NamedPart[];

  /** Validates them. Throws `HealthError`. */
  constructor(where: string, parts: unknown, { timeoutMs = defaultTimeoutMs }: CombinationOptions) {
    if (!Array.isArray(parts) && !isRecord(parts))
      throw new HealthError("invalid_option", `${where} takes checks by name or in a list, got ${show(parts)}`);
    const names = Array.isArray(parts);
    this.#parts = Object.entries(parts as Parts).map(([key, part]) => {
      const name = names ? `#${Number(key) + 1}` : checkName(key, "part");
      const of = `part ${show(name)} of ${where}`;
      const read = readPart(of, part);
      const lost = Object.keys(read.options).find((option) => !honoured.includes(option));
      if (lost !== undefined)
        throw new HealthError(
          "contradictory_options",
          `${of} has ${lost}, which only the whole can have; give it to ${where}, and take it from the part`,
        );
      const own = read.options.timeoutMs;
      if (own !== undefined && own > timeoutMs * shareOfRun)
        throw new HealthError(
          "contradictory_options",
          `${of} has timeoutMs ${own}, but parts have four fifths of the whole's ${timeoutMs}; lower it or raise that of ${where}`,
        );
      return { ...read, name, timed: new TimedPart(read.run) };
    });
    if (this.#parts.length === 0)
      throw new HealthError("invalid_option", `${where} takes at least one check, got none`);
  }

  get size(): number {
    return this.#parts.length;
  }

  /** External if any is, of this process if all are, else unsaid. */
  get #external(): boolean | undefined {
    if (this.#parts.some(({ external }) => external === true)) return true;
    return this.#parts.every(({ external }) => external === false) ? false : undefined;
  }

  /** What of the parts' options the combination takes over: how far they look, and what they hear from. */
  get marks(): Pick<FunctionCheck, "external" | "attach"> {
    const external = this.#external;
    const attached = this.#parts.flatMap(({ options }) => options.attach ?? []);
    return {
      ...(external !== undefined && { external }),
      ...(attached.length > 0 && { attach: attachAll(attached) }),
    };
  }

  /** Name of a part that is not critical; undefined where all are. */
  get optional(): string | undefined {
    return this.#parts.find(({ options }) => options.critical === false)?.name;
  }

  /** Asks all of them at once, each within its own time; resolves when all have answered. Never rejects. */
  ask(context: RunContext): Promise<readonly PartAnswer[]> {
    const share = Math.min(Math.max(1, Math.floor(context.timeoutMs * shareOfRun)), longestMs);
    return Promise.all(
      this.#parts.map(async ({ name, timed, options }) => {
        const answer = await timed.ask(context, Math.min(options.timeoutMs ?? share, share));
        const hint = answer.hint ?? (answer.outcome === "pass" ? undefined : options.hint);
        return { name, critical: options.critical ?? true, answer: { ...answer, hint } };
      }),
    );
  }
}

/** News for one is news for the whole. */
function attachAll(all: readonly AttachCheck[]): AttachCheck {
  return (runNow) => {
    const detached = all.map((attach) => guarded("attaching a part", () => attach(runNow)));
    return () => {
      for (const detach of detached) if (typeof detach === "function") guarded("detaching a part", detach);
    };
  };
}

/** The options of a combination of those parts; the rest of what can be wrong with them is said by the check that it becomes. */
export function combinationOptions(where: string, options: CombinationOptions): CombinationOptions {
  for (const key of Object.keys(optionsOf(where, options))) {
    if (ofParts.includes(key))
      throw new HealthError("invalid_option", `${key} is not an option of ${where}, whose parts decide that`);
  }
  return options;
}
