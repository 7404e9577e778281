/**
 * Settles as `work` does, or rejects with the signal's reason as soon as that fires; `cancel` is called then, to end what
 * is under way. A rejection of `work` that comes later is nobody's: it is swallowed.
 */
export function untilAborted<T>(signal: AbortSignal, work: PromiseLike<T>, cancel?: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason);
      try {
        cancel?.();
      } catch {
        // What cannot be ended ends by itself; nobody is left to tell.
      }
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    const settled = () => signal.removeEventListener("abort", abort);
    work.then(
      (answer) => {
        settled();
        resolve(answer);
      },
      (error: unknown) => {
        settled();
        reject(error);
      },
    );
  });
}
