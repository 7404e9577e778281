import type { EndedBlock, Thresholds } from "../block/loop-state.ts";
import type { Environment } from "../host/systemd-notifier.ts";
import type { AnswerPlan } from "../memory/publication.ts";
import type { TripleBuffer } from "../memory/triple-buffer.ts";
import type { Findings } from "./loop-watch.ts";

/** What a thread that serves probes is given. */
export interface ProbeWork {
  readonly port: number;
  readonly host: string | undefined;
  readonly plans: readonly AnswerPlan[];
  /** Holds a publication from the start. */
  readonly answers: TripleBuffer;
  readonly counts: Int32Array<SharedArrayBuffer>;
  readonly pulse: Pulse;
  readonly thresholds: Thresholds;
  /** How often it looks at the loop, milliseconds. */
  readonly lookEveryMs: number;
  /** Of another thread nobody knows how it spends its time, nor its stack. */
  readonly watchesMainThread: boolean;
  readonly captureStack: boolean;
  readonly terminationLog: string | undefined;
  /** What systemd has put into the environment, which the thread has not; undefined where it is not to be told anything. */
  readonly systemd: Environment | undefined;
}

/** What the two threads write down of themselves: see {@link pulseWords}. */
export type Pulse = Int32Array<SharedArrayBuffer>;

/** The words of a {@link Pulse}. */
export const pulseWords = {
  /** When the loop turned last, see `beatOf()`. */
  beat: 0,
  /** When it turned after the last silence that may have been a block. */
  turned: 1,
  /** 1 while a debugger may be attached. */
  debugged: 2,
  /** How often the thread that serves probes has looked at the loop, a number that comes round: the only word it writes. */
  looks: 3,
} as const;

/** What such a thread is told. */
export type ToProbeThread = "close";

/** What it tells. */
export type FromProbeThread =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "failed"; readonly error: ListenError }
  | { readonly kind: "block"; readonly block: ToldBlock }
  | { readonly kind: "problem"; readonly what: string; readonly message: string };

/** A block that is over, with what was found out about it. */
export interface ToldBlock extends EndedBlock, Findings {}

/** Why it cannot listen: the message and own properties of Node's error, which a message between threads would lose. */
export interface ListenError {
  readonly message: string;
  readonly properties: object;
}
