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
  return startChild({ command, args, ready: /"status":"healthy"/ });
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
  return until(newest, { describe: () => `${status}; it said: ${child.output}`, timeoutMs: 20_000 });
}
