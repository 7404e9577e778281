import type { Diagnosis } from "../dependency/diagnosis.ts";

const disconnected: Diagnosis = {
  errorType: "disconnected",
  hint: "the client connects again: is the server up, is it the right address, and what do its log and the client's status() say?",
};
const closed: Diagnosis = {
  errorType: "client_closed",
  fault: "persistent",
  hint: "the application has closed the connection that is checked, or the client has given up (maxReconnectAttempts, by default 10)",
};
const credentials: Diagnosis = {
  errorType: "authorization",
  fault: "fatal",
  hint: "the server refuses this user: look at its credentials, and whether they have expired",
};
const permissions: Diagnosis = {
  errorType: "permissions",
  fault: "fatal",
  hint: "the user may not ask that: let it publish to $JS.API.> and subscribe to its inbox (_INBOX.>)",
};
const noJetStream: Diagnosis = {
  errorType: "no_responders",
  fault: "persistent",
  hint: "nobody answers for JetStream: is it enabled on the server and for this account, and is the domain right?",
};
const timeout: Diagnosis = {
  errorType: "jetstream_timeout",
  hint: "JetStream does not answer: has the stream lost its leader, or the cluster its quorum?",
};

/** By code in `nats`, by name in `@nats-io/nats-core`. */
const known: { readonly [codeOrName: string]: Diagnosis } = {
  DISCONNECT: disconnected,
  STALE_CONNECTION: disconnected,
  CONNECTION_REFUSED: disconnected,
  ConnectionError: disconnected,
  CONNECTION_CLOSED: closed,
  ClosedConnectionError: closed,
  CONNECTION_DRAINING: closed,
  DrainingConnectionError: closed,
  AUTHORIZATION_VIOLATION: credentials,
  AUTHENTICATION_EXPIRED: credentials,
  AUTHENTICATION_TIMEOUT: credentials,
  ACCOUNT_EXPIRED: credentials,
  BAD_AUTHENTICATION: credentials,
  AuthorizationError: credentials,
  UserAuthenticationExpiredError: credentials,
  PERMISSIONS_VIOLATION: permissions,
  PermissionViolationError: permissions,
  "503": noJetStream,
  NoResponders: noJetStream,
  NoRespondersError: noJetStream,
  TIMEOUT: timeout,
  TimeoutError: timeout,
};

/** What an error of either driver means. */
export function diagnoseNats(error: unknown): Diagnosis | undefined {
  const { code, name, message, cause } = error as Readonly<Record<string, unknown>>;
  for (const word of [code, name]) {
    // What a run is ended with has that name too.
    if (typeof word !== "string" || !Object.hasOwn(known, word) || error instanceof DOMException) continue;
    return known[word];
  }
  if (name === "RequestError" && message === "connection disconnected") return disconnected;
  return typeof cause === "object" && cause !== null ? diagnoseNats(cause) : undefined;
}
