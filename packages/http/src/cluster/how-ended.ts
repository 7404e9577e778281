/** How a process ended, in the words of its `exit` event, for a sentence that begins with its name. */
export function howEnded(code: number | null, signal: string | null): string {
  return signal === null ? `exited with ${code}` : `was ended by ${signal}`;
}
