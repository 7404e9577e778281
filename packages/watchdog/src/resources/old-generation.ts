const mebibyte = 2 ** 20;
/** Without flags V8 gives the young generation no more than 3/32 of the old one (Node 24; 3/128 in Node 22). */
const leastOldShare = 32 / 35;

/** What is known of a heap before anything is on it. */
export interface HeapSettings {
  /** `heap_size_limit` of V8's statistics, bytes. */
  readonly heapLimitBytes: number;
  /** Command line flags; of those that are given twice the last one counts. */
  readonly flags: readonly string[];
  /** `resourceLimits.maxOldGenerationSizeMb` of a worker thread; undefined on the main thread. */
  readonly workerMebibytes: number | undefined;
}

/**
 * Bytes at which V8 gives up. That is the limit of the old generation, where `heap_size_limit` counts the young one with
 * it: under `--max-old-space-size=64` Node 24 says 256 MiB, and dies at 64. Without a flag the
 * true one can be up to 8 % more than this.
 */
export function oldGenerationLimit({ heapLimitBytes, flags, workerMebibytes }: HeapSettings): number {
  const old = workerMebibytes ?? flagValue(flags, "max-old-space-size");
  if (old !== undefined && old > 0) return Math.min(old * mebibyte, heapLimitBytes);
  const semi = flagValue(flags, "max-semi-space-size");
  // V8 rounds it up to a power of two, and takes three of them.
  const young = semi === undefined || semi <= 0 ? undefined : 3 * 2 ** Math.ceil(Math.log2(semi)) * mebibyte;
  return young === undefined || young >= heapLimitBytes ? heapLimitBytes * leastOldShare : heapLimitBytes - young;
}

/** The flags that this process was started with, those of `NODE_OPTIONS` first as Node reads them. */
export function startFlags(nodeOptions: string | undefined, execArgv: readonly string[]): readonly string[] {
  return [...(nodeOptions ?? "").split(/\s+/), ...execArgv];
}

function flagValue(flags: readonly string[], name: string): number | undefined {
  const prefix = `--${name}=`;
  const value = flags.findLast((flag) => flag.replaceAll("_", "-").startsWith(prefix))?.slice(prefix.length);
  return value === undefined || !/^\d+$/.test(value) ? undefined : Number(value);
}

/** One of V8's spaces, as its statistics tell of it. */
interface Space {
  readonly space_name: string;
  readonly space_used_size: number;
}

/** Bytes in use that count against the limit: all but the young generation, and what every process reads. */
export function oldGenerationUsed(spaces: readonly Space[]): number {
  return spaces.reduce((sum, { space_name: name, space_used_size: used }) => {
    return name.startsWith("new_") || name === "read_only_space" ? sum : sum + used;
  }, 0);
}
