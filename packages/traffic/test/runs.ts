/**
 * Settings of every property: the same cases on each run, so that a red build is red again. `FC_SEED` tries others,
 * `FC_SCALE` more of them.
 */
export function runs(numRuns: number): { readonly seed: number; readonly numRuns: number } {
  const { FC_SEED: seed = "20261122", FC_SCALE: scale = "1" } = process.env;
  return { seed: Number(seed), numRuns: Math.ceil(numRuns * Number(scale)) };
}
