/**
 * Durations on a logarithmic scale: each bin's value is at most 5 % from whatever falls into it. The growth from one
 * bin to the next follows from that error, and 175 bins reach from a tenth of a millisecond to an hour.
 */
const relativeError = 0.05;
const growth = (1 + relativeError) / (1 - relativeError);
const logGrowth = Math.log(growth);
/** Milliseconds. What is shorter reads as this, what is longer than an hour as an hour. */
const shortestMs = 0.1;
const longestMs = 3_600_000;

/** How many bins there are. */
export const bins: number = binOfLog(Math.log(longestMs / shortestMs)) + 1;

/** The bin of a duration in milliseconds; anything that is no duration is the shortest. */
export function binOf(ms: number): number {
  if (!(ms > shortestMs)) return 0;
  return ms < longestMs ? binOfLog(Math.log(ms / shortestMs)) : bins - 1;
}

/** The duration that a bin stands for, milliseconds. */
export function durationOf(bin: number): number {
  return bin === 0 ? shortestMs : shortestMs * growth ** bin * (1 - relativeError);
}

function binOfLog(log: number): number {
  return Math.ceil(log / logGrowth);
}
