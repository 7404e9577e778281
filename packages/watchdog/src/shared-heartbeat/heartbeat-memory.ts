/** The memory between a thread that beats and the one that listens: 64-bit words, and where each stands. */
export const word = {
  /** What it is, and in which version. */
  kind: 0,
  /** How often it was beaten. */
  beats: 1,
  /** When it was beaten last, nanoseconds of the clock that all threads share. */
  beatAt: 2,
  /** 1 while the listener wants to be woken by the next beat. */
  awaited: 3,
} as const;

const words = 4;
/** "otelhb", version 1. */
const kind = 0x6f_74_65_6c_68_62_00_01n;

/** New memory, in which nobody has beaten yet. */
export function createMemory(): BigInt64Array<SharedArrayBuffer> {
  const memory = new BigInt64Array(new SharedArrayBuffer(words * BigInt64Array.BYTES_PER_ELEMENT));
  memory[word.kind] = kind;
  return memory;
}

/** What was handed over, if it is such memory. Throws otherwise. */
export function readMemory(given: unknown): BigInt64Array<SharedArrayBuffer> {
  // Not instanceof: a test runner's thread may have been given it by another realm.
  if (Object.prototype.toString.call(given) !== "[object SharedArrayBuffer]")
    throw refusal(`a SharedArrayBuffer, got ${given === null ? "null" : typeof given}`);
  const buffer = given as SharedArrayBuffer;
  const memory = buffer.byteLength === words * 8 ? new BigInt64Array(buffer) : undefined;
  if (memory?.[word.kind] !== kind)
    throw refusal("the buffer of a heartbeat that this version of @otel-health/watchdog made, got another one");
  return memory;
}

/** A HealthError as every copy of core knows it; to load core for its sake would cost each thread more than its beats. */
function refusal(must: string): Error {
  const message = `buffer of beatThrough() must be ${must}; hand over the buffer of threadHeartbeat() as workerData`;
  return Object.assign(new TypeError(message), { name: "HealthError", code: "invalid_option" });
}
