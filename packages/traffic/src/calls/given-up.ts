/**
 * Names and codes of errors that say that the caller has lost interest: those of the web's and Node's `AbortSignal`, of
 * undici, got and axios.
 */
const words: ReadonlySet<string> = new Set([
  "AbortError",
  "ABORT_ERR",
  "UND_ERR_ABORTED",
  "ERR_ABORTED",
  "CancelError",
  "CanceledError",
  "ERR_CANCELED",
]);

/** Whether an error's name or code says that the caller has given up, which tells nothing of the one who was called. */
export function saysGivenUp(word: unknown): boolean {
  return words.has(word as string);
}
