/**
 * Lets everything that is ready to run run: all promise callbacks, however many follow each other, and one turn of the
 * event loop. It does not wait for real I/O or real timers, and needs the real `setImmediate`: not one that a test
 * runner's own fake timers have replaced.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
