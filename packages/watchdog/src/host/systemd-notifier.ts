import type { Clock } from "@otel-health/core/worker";

/** Environment variables by name. */
export type Environment = { readonly [name: string]: string | undefined };

/** The part of an environment that {@link createNotifier} reads; undefined where no service manager is to be told anything. */
export function notifierEnvironment({
  NOTIFY_SOCKET,
  WATCHDOG_USEC,
  WATCHDOG_PID,
  PATH,
}: Environment): Environment | undefined {
  return NOTIFY_SOCKET ? { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID, PATH } : undefined;
}

/** What of a process that was started is of interest here. */
interface Started {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "exit", listener: (code: number | null, signal: string | null) => void): unknown;
  kill(signal: "SIGKILL"): unknown;
  unref(): void;
}

/** Starts a program, as `spawn` of `node:child_process` does. */
type Spawn = (
  program: string,
  args: readonly string[],
  options: { readonly env: Environment; readonly stdio: "ignore" },
) => Started;

/** Options of {@link createNotifier}. */
export interface NotifierOptions {
  /** Where `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID` and `PATH` are read, once. */
  readonly env: Environment;
  readonly clock: Clock;
  /** Called once, with the first thing that kept a message from being sent. */
  readonly complain: (what: string, problem: unknown) => void;
  /** Default Node's own. */
  readonly spawn?: Spawn;
}

/** Speaks to the service manager that started this process. */
export interface SystemdNotifier {
  /**
   * Sends assignments such as `READY=1`, in one message. While an earlier one is under way they wait, and newer ones to the
   * same names take their place.
   */
  send(...states: readonly string[]): void;
  /** Half of the time after which systemd takes silence for death, milliseconds; undefined where it does not watch us. */
  readonly watchdogIntervalMs: number | undefined;
}

const program = "systemd-notify";
/** The program waits for systemd to have read the message, for five seconds at most. */
const longestMs = 10_000;

/**
 * A notifier for the service manager named in `env`; undefined where there is none. It can be used on any thread, and
 * imports nothing that a thread would have to load. Node cannot write to the manager's socket, which takes datagrams, so
 * it runs systemd's own program: one process at a time, which never keeps this one alive. What could not be sent goes
 * with what is sent next.
 */
export function createNotifier({
  env,
  clock,
  complain,
  // Loaded where it is needed: it takes longer than all of this package.
  spawn: start = process.getBuiltinModule("node:child_process").spawn as Spawn,
}: NotifierOptions): SystemdNotifier | undefined {
  const { NOTIFY_SOCKET: socket, PATH: path } = env;
  if (socket === undefined || socket === "") return undefined;
  const waiting = new Map<string, string>();
  let isSending = false;
  let complained = false;

  const finish = (sent: ReadonlyMap<string, string>, problem: unknown) => {
    isSending = false;
    if (problem === undefined) {
      next();
      return;
    }
    for (const [name, state] of sent) if (!waiting.has(name)) waiting.set(name, state);
    if (complained) return;
    complained = true;
    complain("systemd was not notified", problem);
  };
  const next = () => {
    if (isSending || waiting.size === 0) return;
    const sent = new Map(waiting);
    waiting.clear();
    isSending = true;
    let timer: object | undefined;
    // A program that cannot be started has an error and no exit, and one that is there may have both.
    let finished = false;
    const end = (problem?: unknown) => {
      if (finished) return;
      finished = true;
      if (timer !== undefined) clock.clearTimer(timer);
      finish(sent, problem);
    };
    try {
      const child = start(program, [...sent.values()], { env: { NOTIFY_SOCKET: socket, PATH: path }, stdio: "ignore" });
      child.on("error", end);
      child.on("exit", (code, signal) => end(code === 0 ? undefined : `${program} ended with ${signal ?? code}`));
      child.unref();
      timer = clock.setTimer(() => child.kill("SIGKILL"), longestMs, false);
    } catch (error) {
      end(error);
    }
  };
  return {
    send(...states) {
      for (const state of states) waiting.set(state.slice(0, state.indexOf("=")), state);
      next();
    },
    watchdogIntervalMs: watchdogInterval(env),
  };
}

/** The manager asks for half; another process's watchdog is none of ours. */
function watchdogInterval({ WATCHDOG_USEC: usec = "", WATCHDOG_PID: pid = "" }: Environment): number | undefined {
  if (!/^[1-9]\d*$/.test(usec)) return undefined;
  return pid === "" || pid === String(process.pid) ? Number(usec) / 2_000 : undefined;
}
