import type { Diagnosis } from "../dependency/diagnosis.ts";
import { diagnoseGrpc } from "../grpc/diagnose.ts";

const noLeader: Diagnosis = {
  errorType: "no_leader",
  hint: "most members are down or cannot reach each other, or an election is under way: look at their logs",
};

/** What etcd and `etcd3` say in words; the types are ours. */
const messages: readonly (readonly [pattern: RegExp, diagnosis: Diagnosis])[] = [
  [
    /authentication failed|invalid auth token|user name is empty|user name not found/,
    {
      errorType: "authentication",
      fault: "fatal",
      hint: "the server refuses user or password, or wants one: look at the client's auth",
    },
  ],
  [
    /authentication is not enabled/,
    { errorType: "authentication", fault: "fatal", hint: "the client gives a password that the server does not want" },
  ],
  [
    /permission denied/,
    { errorType: "permission_denied", fault: "fatal", hint: "grant the user to read the key, or name another key" },
  ],
  [/no leader|leader changed|not leader/, noLeader],
  [
    /request timed out/,
    {
      errorType: "request_timeout",
      hint: "the members did not agree in time: is a majority up, and are their disks and the network fast enough?",
    },
  ],
  [/too many requests/, { errorType: "overloaded", hint: "the server has more to do than it can: look at its load" }],
  [
    /already closed/,
    { errorType: "client_closed", fault: "persistent", hint: "the application has closed the client that is checked" },
  ],
  [
    /circuit breaker is open/,
    { errorType: "circuit_open", hint: "the client asks no server for a while after several failures in a row" },
  ],
];

/** What an error of `etcd3` means. The status of a call is left in the words of its message only. */
export function diagnoseEtcd(error: unknown): Diagnosis | undefined {
  const message = messageOf(error);
  const known = messages.find(([pattern]) => pattern.test(message))?.[1];
  if (known !== undefined) return known;
  const [, code, details] = /^(\d+) [A-Z_]+: (.*)/s.exec(message) ?? [];
  return code === undefined ? undefined : diagnoseGrpc({ code: Number(code), details });
}

/** Whether the client did not ask at all, since it had failed before. */
export function isCircuitOpen(error: unknown): boolean {
  return messageOf(error).includes("circuit breaker is open");
}

/** Whether a majority answered, and only this key may not be read. */
export function isPermissionDenied(error: unknown): boolean {
  return messageOf(error).includes("etcdserver: permission denied");
}

function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return typeof message === "string" ? message : "";
}
