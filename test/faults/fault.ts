/** What is done to each dependency, in the order of the table. */
export const faults = [
  "refused",
  "hang",
  "slow",
  "reset",
  "half-open",
  "wrong credentials",
  "wrong database",
  "restart",
  "read-only",
  "pool exhausted",
  "DNS gone",
  "TLS expired",
] as const;

/** One of {@link faults}. */
export type Fault = (typeof faults)[number];
