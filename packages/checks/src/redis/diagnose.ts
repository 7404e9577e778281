import type { Diagnosis } from "../dependency/diagnosis.ts";

const credentials: Diagnosis = {
  fault: "fatal",
  hint: "the server refuses these credentials: were they rotated? Look at the client's, and at the server's ACL",
};
const closed: Diagnosis = {
  errorType: "client_closed",
  fault: "persistent",
  message: "the client is closed",
  hint: "nobody connects it any more: it was closed, connect() was never called, or its retry strategy has given up",
};
const olderProtocol =
  "the client speaks RESP 3, which Redis before 6 and some proxies do not: set RESP: 2, or upgrade the server";
const notConnected: Diagnosis = {
  errorType: "not_connected",
  hint: "the client is connecting again: is the server up, and is it the right host and port? Its error event says more",
};

/** By the word that an error of the server's begins with. */
const replies: { readonly [code: string]: Diagnosis } = {
  LOADING: { hint: "the server was started and reads its data from disk: it answers when that is over" },
  BUSY: { hint: "a script or function blocks the server: look at SLOWLOG, end it by SCRIPT KILL or FUNCTION KILL" },
  MASTERDOWN: {
    hint: "a replica has lost its primary and refuses to answer (replica-serve-stale-data no): is the primary up?",
  },
  MISCONF: {
    hint: "the server could not save to disk and refuses writes: look at its log, at disk space and at permissions",
  },
  OOM: { hint: "the server has no memory left: raise maxmemory, or let it evict keys (maxmemory-policy)" },
  READONLY: { hint: "the server is a replica: let the client connect to the primary" },
  CLUSTERDOWN: { hint: "the cluster does not serve: a primary is down, or slots belong to nobody" },
  NOPROTO: { fault: "persistent", hint: olderProtocol },
  NOAUTH: credentials,
  WRONGPASS: credentials,
  DENIED: { fault: "fatal", hint: "the server runs in protected mode: set a password, or bind it to an address" },
  NOPERM: {
    fault: "fatal",
    hint: "grant the user what is asked: +ping +info, +client|info with a database other than 0, +cluster|info in a cluster",
  },
};

/** What says itself in words only; the types are ours. */
const messages: readonly (readonly [pattern: RegExp, diagnosis: Diagnosis])[] = [
  [
    /DB index|invalid DB|SELECT is not allowed/i,
    {
      errorType: "wrong_database",
      fault: "fatal",
      hint: "the server has no database of that number: look at the client's, and at databases in the server's configuration",
    },
  ],
  [
    /max(imum)? number of clients/i,
    {
      errorType: "max_clients",
      hint: "the server has no connection left: raise maxclients, or lower the number of clients",
    },
  ],
  [/AUTH.*(without any password|no password is set)|AUTH.*wrong number/i, { errorType: "WRONGPASS", ...credentials }],
  [
    /cluster support disabled/i,
    {
      errorType: "no_cluster",
      fault: "persistent",
      hint: "the server is no node of a cluster: use the client for a single server",
    },
  ],
  [
    /subscriber mode/i,
    { errorType: "subscriber", fault: "persistent", hint: "give the check a client that does not subscribe" },
  ],
  [
    /Command timed out/i,
    { errorType: "command_timeout", hint: "the server did not answer within the client's commandTimeout" },
  ],
  [
    /Command aborted due to connection close|max retries per request|Stream isn't writeable|Socket closed unexpectedly|client is offline|Cluster isn't ready|startup nodes|refresh slots cache|root nodes|no connection/i,
    notConnected,
  ],
  [/client is closed|Connection is closed|Cluster is ended|Cluster is closed/i, closed],
];

/** What an error of `ioredis` or `redis` means. */
export function diagnoseRedis(error: unknown, errorType: string): Diagnosis | undefined {
  if (errorType === "client_closed") return closed;
  const text = wordsOf(error);
  const [, code = ""] = /^(?:[\w ]+\([^)]*\): )?([A-Z]{3,}) /.exec(text) ?? [];
  if (Object.hasOwn(replies, code)) return { errorType: code, ...replies[code] };
  return unknownCommand(text) ?? messages.find(([pattern]) => pattern.test(text))?.[1];
}

/** The server repeats the arguments: those of HELLO and AUTH are user and password, so that its own words are not shown. */
function unknownCommand(text: string): Diagnosis | undefined {
  if (!/unknown (sub)?command/i.test(text)) return undefined;
  const [, name] = /unknown command [`'"]([\w.-]{1,32})[`'"]/i.exec(text) ?? [];
  return {
    errorType: "unknown_command",
    fault: "persistent",
    message: `the server does not know ${name === undefined ? "a command" : `the command ${name}`}`,
    hint:
      name?.toUpperCase() === "HELLO"
        ? olderProtocol
        : "is it renamed in the server's configuration (rename-command), or does a proxy in between not know it?",
  };
}

/** The message of the innermost error: clusters and sentinels wrap a node's. */
function wordsOf(error: unknown): string {
  let { message, cause, lastNodeError } = (error ?? {}) as Readonly<Record<string, unknown>>;
  for (let depth = 0; depth < 4; depth++) {
    const inner = (cause ?? lastNodeError) as Readonly<Record<string, unknown>> | undefined;
    if (typeof inner?.["message"] !== "string") break;
    ({ message, cause, lastNodeError } = inner);
  }
  return typeof message === "string" ? message : "";
}

/** Whether an error says only that there is no connection, and not why. */
export function isBare(error: unknown): boolean {
  return diagnoseRedis(error, "") === notConnected;
}
