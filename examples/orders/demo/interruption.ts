const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** This process was told to end. */
export class Interrupted extends Error {}

/** Never resolves; rejects with {@link Interrupted} when this process is told to end, after it has called `onSignal`. */
export function interruption(onSignal: () => void): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  // It may come while nobody waits for it.
  promise.catch(() => {});
  const interrupt = (signal: NodeJS.Signals) => {
    onSignal();
    reject(new Interrupted(signal));
  };
  for (const signal of signals) process.on(signal, interrupt);
  return promise;
}
