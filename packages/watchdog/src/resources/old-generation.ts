const mebibyte = 2 ** 20;
/** Without flags V8 gives the young generation no more than 3/32 of the old one (Node 24; 3/128 in Node 22). */
const leastOldShare = 32 / 35;

/** What is known of a heap before anything is on it. */
export interface HeapSettings {
  /** `heap_size_limit` of V8's statistics, bytes. */
  readonly heapLimitBytes: number;
  /** Command line flags; of those that are given twice the last one counts. */
  readonly flags: readonly string[];
  /** What a percentage is one of, bytes: see {@link memoryOfFlags}. */
  readonly memoryBytes: number;
  /** `resourceLimits` of a worker thread; undefined on the main thread. */
  readonly worker: WorkerLimits | undefined;
}

/** What of a worker thread's `resourceLimits` is used. */
export interface WorkerLimits {
  readonly maxOldGenerationSizeMb?: number | undefined;
  readonly maxYoungGenerationSizeMb?: number | undefined;
}

/**
 * Bytes at which V8 gives up. That is the limit of the old generation, where `heap_size_limit` counts the young one with
 * it: under `--max-old-space-size=64` Node 24 says 256 MiB, and dies at 64. Without a flag the
 * true one can be up to 8 % more than this.
 */
export function oldGenerationLimit({ heapLimitBytes, flags, memoryBytes, worker }: HeapSettings): number {
  // The percentage wins wherever it stands, and both win over what a worker is given.
  const old = percentageOf(memoryBytes, flags) ?? flagValue(flags, "max-old-space-size") ?? 0;
  if (old > 0) return Math.min(old * mebibyte, heapLimitBytes);
  if (worker?.maxOldGenerationSizeMb !== undefined) return workerLimit(heapLimitBytes, worker);
  const semi = flagValue(flags, "max-semi-space-size");
  // V8 rounds it up to a power of two, and takes three of them.
  const young = semi === undefined || semi <= 0 ? undefined : 3 * 2 ** Math.ceil(Math.log2(semi)) * mebibyte;
  return young === undefined || young >= heapLimitBytes ? heapLimitBytes * leastOldShare : heapLimitBytes - young;
}

/** A worker does not see the flags that it has the limit of where it was started with an `execArgv` of its own. */
function workerLimit(
  heapLimitBytes: number,
  { maxOldGenerationSizeMb, maxYoungGenerationSizeMb }: WorkerLimits,
): number {
  const own = (maxOldGenerationSizeMb ?? Number.POSITIVE_INFINITY) * mebibyte;
  const rest = heapLimitBytes - (maxYoungGenerationSizeMb ?? 0) * mebibyte;
  return Math.min(own, rest > 0 ? rest : heapLimitBytes);
}

/** The memory that Node takes a percentage of: that of the machine, or what the process's control group limits it to. */
export function memoryOfFlags(totalBytes: number, constrainedBytes: number): number {
  return constrainedBytes > 0 ? Math.min(totalBytes, constrainedBytes) : totalBytes;
}

/** The flags that this process was started with, those of `NODE_OPTIONS` first as Node reads them. */
export function startFlags(nodeOptions: string | undefined, execArgv: readonly string[]): readonly string[] {
  return [...(nodeOptions ?? "").replaceAll('"', "").split(/\s+/), ...execArgv];
}

/** `--max-old-space-size-percentage`, in whole mebibytes as Node hands it to V8. */
function percentageOf(memoryBytes: number, flags: readonly string[]): number | undefined {
  const percentage = flagValue(flags, "max-old-space-size-percentage");
  return percentage === undefined ? undefined : Math.floor((percentage / 100) * (memoryBytes / mebibyte));
}

/** The value of a flag, in one word or in two. */
function flagValue(flags: readonly string[], name: string): number | undefined {
  const values = flags.flatMap((flag, i) => {
    const [word = "", value = flags[i + 1] ?? ""] = flag.split("=", 2);
    return word.replaceAll("_", "-") === `--${name}` ? [value] : [];
  });
  const value = values.at(-1);
  return value === undefined || !/^\d+(\.\d+)?$/.test(value) ? undefined : Number(value);
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
