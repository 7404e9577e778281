import type { Diagnosis } from "../dependency/diagnosis.ts";
import { networkFaults } from "../dependency/network-faults.ts";

const credentials: Diagnosis = {
  fault: "fatal",
  hint: "the server refuses this user: look at user and password, and at the host that the account is for",
};
const permission: Diagnosis = { fault: "fatal", hint: "the user may not do that: grant it what it needs" };
const connections: Diagnosis = {
  hint: "the server has no connection left: lower the pools of all instances, or raise max_connections",
};
const limit: Diagnosis = {
  hint: "the account has no connection left: lower the pools of all instances, or raise its MAX_USER_CONNECTIONS",
};
const gone: Diagnosis = {
  hint: "the connection was lost: the server restarted or crashed, or closed one that was idle (wait_timeout)",
};
const stopping: Diagnosis = { hint: "the server is being shut down or restarted" };
const cancelled: Diagnosis = {
  hint: "the server cancelled the query: its time limit is shorter than it takes to answer at all",
};
const closed: Diagnosis = {
  errorType: "client_closed",
  fault: "persistent",
  hint: "the application has closed the client that is checked",
};
const tls: Diagnosis = {
  fault: "persistent",
  hint: "TLS with the server failed: compare the client's CA and versions with its certificate",
};

/** By the name of the code, as both drivers give it. */
const codes: { readonly [code: string]: Diagnosis } = {
  ER_ACCESS_DENIED_ERROR: credentials,
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: credentials,
  ER_ACCOUNT_HAS_BEEN_LOCKED: credentials,
  ER_MUST_CHANGE_PASSWORD: credentials,
  ER_MUST_CHANGE_PASSWORD_LOGIN: credentials,
  ER_NOT_SUPPORTED_AUTH_MODE: credentials,
  ER_HOST_NOT_PRIVILEGED: {
    fault: "fatal",
    hint: "no account may connect from this host: look at the hosts of the grants",
  },
  ER_HOST_IS_BLOCKED: {
    fault: "persistent",
    hint: "the server blocks this host after too many broken connections: FLUSH HOSTS, and look for what broke them",
  },
  ER_BAD_DB_ERROR: {
    fault: "fatal",
    hint: "there is no such database: look at the name, and whether it has been created",
  },
  ER_DBACCESS_DENIED_ERROR: { fault: "fatal", hint: "the user may not use that database: look at its name and grants" },
  ER_SPECIFIC_ACCESS_DENIED_ERROR: permission,
  ER_TABLEACCESS_DENIED_ERROR: permission,
  ER_CON_COUNT_ERROR: connections,
  ER_TOO_MANY_USER_CONNECTIONS: limit,
  ER_USER_LIMIT_REACHED: limit,
  ER_OUT_OF_RESOURCES: { hint: "the server is out of memory: look at its log" },
  ER_DISK_FULL: { hint: "the server's disk is full" },
  ER_SERVER_SHUTDOWN: stopping,
  ER_NORMAL_SHUTDOWN: stopping,
  ER_CONNECTION_KILLED: gone,
  ER_CLIENT_INTERACTION_TIMEOUT: gone,
  ER_QUERY_INTERRUPTED: cancelled,
  ER_QUERY_TIMEOUT: cancelled,
  ER_STATEMENT_TIMEOUT: cancelled,
  PROTOCOL_CONNECTION_LOST: gone,
  ER_SOCKET_UNEXPECTED_CLOSE: gone,
  ER_CMD_CONNECTION_CLOSED: gone,
  PROTOCOL_SEQUENCE_TIMEOUT: { hint: "the server took the query and did not answer within the client's timeout" },
  ER_CONNECTION_TIMEOUT: { hint: "the server did not accept a connection within connectTimeout" },
  ER_GET_CONNECTION_TIMEOUT: {
    hint: "the pool gave up on a connection: acquireTimeout passed while the server accepted none, or all were in use",
  },
  ER_POOL_ALREADY_CLOSED: closed,
  HANDSHAKE_NO_SSL_SUPPORT: { fault: "persistent", hint: "the client demands TLS, and the server offers none" },
  HANDSHAKE_SSL_ERROR: tls,
  AUTH_SWITCH_PLUGIN_ERROR: {
    fault: "fatal",
    hint: "the server wants a way to authenticate that the client does not have: look at the account's plugin",
  },
};

/** What `mysql2` says without a code, or with one that says less; the types are ours. */
const messages: readonly (readonly [pattern: RegExp, diagnosis: Diagnosis])[] = [
  [/pool is closed/i, closed],
  [
    /in closed state/i,
    {
      errorType: "client_unusable",
      fault: "persistent",
      hint: "a connection of mysql2 does not connect again once it broke or was ended: use a pool",
    },
  ],
  [/certificate has expired/i, { ...networkFaults["CERT_HAS_EXPIRED"], errorType: "CERT_HAS_EXPIRED" }],
];

/** What an error of `mysql2` or `mariadb` means. */
export function diagnoseMysql(error: unknown, errorType: string): Diagnosis | undefined {
  const { message } = error as { readonly message?: unknown };
  const said = typeof message === "string" ? messages.find(([pattern]) => pattern.test(message))?.[1] : undefined;
  return said ?? (Object.hasOwn(codes, errorType) ? codes[errorType] : undefined);
}
