import type { Diagnosis } from "../dependency/diagnosis.ts";

const credentials: Diagnosis = {
  fault: "fatal",
  hint: "the server refuses this user: look at user and password, and at pg_hba.conf",
};
const resources: Diagnosis = { hint: "the server is out of disk, memory or locks: look at its log" };
const connection: Diagnosis = {
  hint: "the connection was lost: is the server, or the proxy before it, being restarted?",
};
const gone: Diagnosis = { hint: "the server ends its connections: it is being shut down or restarted, or it crashed" };

/** By SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html. */
const states: { readonly [state: string]: Diagnosis } = {
  "28P01": credentials,
  "28000": credentials,
  "3D000": { fault: "fatal", hint: "there is no such database: look at the name, and whether it has been created" },
  "42501": { fault: "fatal", hint: "the user may not do that: grant it what it needs" },
  "53300": { hint: "the server has no connection left: lower the pools of all instances, or raise max_connections" },
  "57P01": gone,
  "57P02": gone,
  "57P03": { hint: "the server is starting, stopping or recovering: it answers when that is over" },
  "57014": { hint: "the server cancelled the query: statement_timeout is shorter than it takes to answer at all" },
};

/** By the first two characters of an SQLSTATE. */
const classes: { readonly [prefix: string]: Diagnosis } = { "08": connection, "28": credentials, "53": resources };

/** What `pg` and `postgres` say without a code of the server's; their types are ours. */
const messages: readonly (readonly [pattern: RegExp, diagnosis: Diagnosis])[] = [
  [
    /timeout exceeded when trying to connect|due to connection timeout|timeout expired/i,
    { errorType: "connect_timeout", hint: "the pool gave up on a connection: connectionTimeoutMillis passed" },
  ],
  [
    /query read timeout/i,
    { errorType: "query_timeout", hint: "the server took the query and did not answer within query_timeout" },
  ],
  [/connection terminated/i, { errorType: "connection_terminated", ...connection }],
  [
    /not queryable|client was closed/i,
    {
      errorType: "client_unusable",
      fault: "persistent",
      hint: "a Client of pg does not connect again once its connection broke: use a Pool",
    },
  ],
  [
    /after calling end on the pool/i,
    { errorType: "client_closed", fault: "persistent", hint: "the application has closed the pool that is checked" },
  ],
  [
    /password must be a string|SASL|server does not support SSL|no pg_hba/i,
    { errorType: "authentication", ...credentials },
  ],
];

/** The codes of `postgres` that are not the server's. */
const codes: { readonly [code: string]: Diagnosis } = {
  CONNECT_TIMEOUT: { hint: "the server did not accept a connection within connect_timeout" },
  CONNECTION_CLOSED: connection,
  CONNECTION_DESTROYED: connection,
  CONNECTION_ENDED: { fault: "persistent", hint: "the application has ended the client that is checked" },
};

/** What an error of `pg` or `postgres` means. */
export function diagnosePostgres(error: unknown, errorType: string): Diagnosis | undefined {
  for (const table of [states, codes]) if (Object.hasOwn(table, errorType)) return table[errorType];
  if (/^[0-9A-Z]{5}$/.test(errorType) && /\d/.test(errorType)) return classes[errorType.slice(0, 2)];
  const { message } = error as { readonly message?: unknown };
  if (typeof message !== "string") return undefined;
  return messages.find(([pattern]) => pattern.test(message))?.[1];
}
