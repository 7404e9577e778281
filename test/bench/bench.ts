import type { Published } from "./published.ts";

/** What a bench is given. */
export interface BenchOptions {
  /** Pairs that are measured after the warm-up. */
  readonly rounds: number;
  /** Requests of the bench that counts instead of timing. */
  readonly probes: number;
  readonly published: Published;
  /** Hears how far it is. */
  readonly progress: (line: string) => void;
}

/** What a bench found. */
export interface BenchResult {
  readonly value: number;
  /** One ratio a round; the value is their median. */
  readonly ratios: readonly number[];
  /** Everything that was measured, for the raw file. */
  readonly rounds: readonly object[];
  /** What the ratio is made of: absolute numbers, true for this machine and this minute only. */
  readonly notes: readonly string[];
}

/** One ratio with the goal that it is held to. */
export interface Bench {
  readonly name: string;
  /** What the value is; default a ratio. */
  readonly unit?: "bytes";
  /** The value is met where it is not above this; with `atLeast`, where it is not below. */
  readonly goal: number;
  readonly atLeast?: true;
  /** Rounds unless `--rounds` says otherwise. */
  readonly rounds: number;
  measure(options: BenchOptions): Promise<BenchResult>;
}
