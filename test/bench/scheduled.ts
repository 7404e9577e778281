/** What is to be run: as many checks as often, in both contenders. */
export interface ScheduleOptions {
  readonly folder: string;
  readonly checks: number;
  readonly intervalMs: number;
}

/** Questions that both contenders answer. */
export type ScheduleAnswers = {
  /** Runs everything, from now until `stop`. */
  readonly start: () => Promise<void>;
  /** Stops, and resolves with how many runs the histogram has seen since the start. */
  readonly stop: () => Promise<number>;
  readonly runs: () => number;
  readonly cpuUs: () => number;
};
