/** This process was told to end. */
export class Interrupted extends Error {}

/** A promise that never resolves; it rejects with {@link Interrupted} when this process is told to end, after `onSignal`. */
export function interruption(onSignal: () => void): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  // It may come while nobody waits for it.
  promise.catch(() => {});
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      onSignal();
      reject(new Interrupted(signal));
    });
  }
  return promise;
}
