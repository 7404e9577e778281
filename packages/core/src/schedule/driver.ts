import type { Span } from "@opentelemetry/api";
import type { Answer } from "../observation/observation.ts";
import type { Streak } from "../state/check-state.ts";

/** What a driver knows about an answer beside the answer. Times are timeline milliseconds. */
export interface AnswerFacts {
  /** When the answer will be too old; `Infinity` for never. */
  readonly staleAt: number;
  /** Undefined for what was told, not run. */
  readonly durationMs: number | undefined;
  readonly loopLagMs: number;
  readonly stuck: boolean;
}

/** What a driver may ask of the record that it drives. */
export interface DriverHost {
  /** Timeline milliseconds. */
  now(): number;
  /** How long the loop was kept from turning since the process began, milliseconds. */
  stalled(): number;
  /** What the timeline leaves out of monotonic time so far, milliseconds. */
  gaps(): number;
  /** Failures in a row so far. */
  failing(): Streak;
  /** The span that the run which begins now is to be inside of; undefined where its calls are not to be traced. */
  traced(): Span | undefined;
  /** Hands in an answer. */
  answer(answer: Answer, facts: AnswerFacts): void;
  /** Says that `wakeAt` or `dueAt` of the driver has changed. */
  rearm(): void;
}

/** Where the answers of one check come from: its runs, its beats, or someone who tells. */
export interface Driver {
  /** When it wants to be woken; `Infinity` for never. */
  readonly wakeAt: number;
  /** When its next run is due, for reports; undefined where nothing is run. */
  readonly dueAt: number | undefined;
  /** Milliseconds that the run which is under way may take altogether; undefined where none is. */
  readonly runningForMs: number | undefined;
  start(): void;
  wake(now: number): void;
  /** Ends it: signals are aborted, later answers are dropped. Resolves when nothing is under way any more. */
  stop(): Promise<void>;
  /** Runs it now, joining a run that is under way; resolves with the answer in place. Undefined where nothing is run. */
  refresh(): Promise<void> | undefined;
}
