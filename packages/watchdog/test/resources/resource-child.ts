import { type Child, startChild, until } from "@otel-health/testkit";

const program = new URL("resource-process.ts", import.meta.url).pathname;

/** What the process says of its check. */
interface Said {
  readonly status: string;
  readonly message: string | null;
  readonly hint: string | null;
}

/** A process that uses `resource` up as it is told, once its check has said that all is well. */
export function startResource(
  resource: string,
  before: readonly string[] = [],
  flags: readonly string[] = [],
): Promise<Child> {
  const [command = "", ...args] = [...before, process.execPath, ...flags, program, resource];
  return startChild({ command, args, ready: /"status":"healthy"/, readyTimeoutMs: 60_000 });
}

/** Each state that the check was in, the first one first. */
export function said(child: Child): readonly Said[] {
  return child.stdout.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

/** Waits until the check is in `status`. */
export function becomes(child: Child, status: string): Promise<Said> {
  const newest = () => {
    const last = said(child).at(-1);
    return last?.status === status && last;
  };
  return until(newest, { describe: () => `${status}; it said: ${child.output}`, timeoutMs: 60_000 });
}

/** Waits until the process has followed `order` more than `times` times, and its check has looked at what came of it. */
export async function lookedAfter(child: Child, order: string, times: number): Promise<void> {
  const line = `looked after ${order}`;
  await child.waitForLine(() => child.stdout.filter((said) => said === line).length > times, { timeoutMs: 60_000 });
}
