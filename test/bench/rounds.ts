import { median } from "./spread.ts";

/** One round: both contenders, one right after the other. */
export interface Round<T> {
  readonly ours: T;
  readonly floor: T;
  readonly ratio: number;
}

/** Options of {@link pairedRounds}. */
export interface PairedOptions<T> {
  readonly rounds: number;
  /** Measured and thrown away before the first round; default 1. */
  readonly warmUps?: number;
  /** What is compared, of one measurement. */
  readonly cost: (measured: T) => number;
  readonly progress: (line: string) => void;
}

/**
 * Measures two contenders in turns and compares each with its neighbour in time, so that a machine which is slower for
 * a minute is slower for both. Every other round begins with the other one.
 */
export async function pairedRounds<T>(
  ours: () => Promise<T>,
  floor: () => Promise<T>,
  { rounds, warmUps = 1, cost, progress }: PairedOptions<T>,
): Promise<{ readonly value: number; readonly ratios: readonly number[]; readonly rounds: readonly Round<T>[] }> {
  for (let i = 0; i < warmUps; i++) {
    await ours();
    await floor();
  }
  const measured: Round<T>[] = [];
  for (let i = 0; i < rounds; i++) {
    const first = i % 2 === 0 ? await ours() : await floor();
    const second = i % 2 === 0 ? await floor() : await ours();
    const [own, other] = i % 2 === 0 ? [first, second] : [second, first];
    const ratio = cost(own) / cost(other);
    measured.push({ ours: own, floor: other, ratio });
    progress(`round ${i + 1} of ${rounds}: ${ratio.toFixed(3)}`);
  }
  const ratios = measured.map(({ ratio }) => ratio);
  return { value: median(ratios), ratios, rounds: measured };
}
