import type { Diagnosis } from "../dependency/diagnosis.ts";

const credentials: Diagnosis = {
  errorType: "authentication",
  fault: "fatal",
  hint: "the server refuses user or password: look at both, and at authSource and authMechanism",
};
const stepping: Diagnosis = {
  hint: "the replica set has no primary at the moment, or elects one: look at rs.status()",
};
const stopping: Diagnosis = { hint: "the server is being shut down" };

/** By the name of the server's code, https://www.mongodb.com/docs/manual/reference/error-codes/. */
const codeNames: { readonly [codeName: string]: Diagnosis } = {
  AuthenticationFailed: credentials,
  Unauthorized: { fault: "fatal", hint: "the user may not do that: grant it a role on the database" },
  NotWritablePrimary: stepping,
  NotPrimaryNoSecondaryOk: stepping,
  NotPrimaryOrSecondary: stepping,
  PrimarySteppedDown: stepping,
  InterruptedDueToReplStateChange: stepping,
  InterruptedAtShutdown: stopping,
  ShutdownInProgress: stopping,
};

/** By the name of the driver's class. */
const names: { readonly [name: string]: Diagnosis } = {
  MongoNotConnectedError: {
    errorType: "client_closed",
    fault: "persistent",
    hint: "the application has closed the client that is checked",
  },
  MongoClientClosedError: {
    errorType: "client_closed",
    fault: "persistent",
    hint: "the application has closed the client that is checked",
  },
  MongoWaitQueueTimeoutError: {
    errorType: "pool_exhausted",
    hint: "every connection of the pool is in use: slow operations, transactions or cursors that are not ended, or a small maxPoolSize",
  },
  MongoServerSelectionError: {
    errorType: "no_server",
    hint: "no member of the role that is wanted could be found: are they up, reachable, and is there a primary?",
  },
  MongoNetworkTimeoutError: {
    errorType: "network_timeout",
    hint: "the server did not answer within the client's connectTimeoutMS or socketTimeoutMS",
  },
};

/** What an error of `mongodb` means. */
export function diagnoseMongodb(error: unknown, errorType: string): Diagnosis | undefined {
  const server = serverErrorOf(error);
  if (server !== undefined) return { errorType: server, ...codeNames[server] };
  // A code of Node's that a cause carries says more than the class around it.
  if (!/^Mongo/.test(errorType)) return undefined;
  const { name } = error as { readonly name?: unknown };
  if (typeof name !== "string") return undefined;
  return names[name] ?? (name.startsWith("MongoNetwork") ? { errorType: "network", hint: cut } : undefined);
}

const cut = "the connection was cut: the server restarted or crashed, or something between closes idle connections";

/** The name of the server's code, of this error or of one that it wraps. */
function serverErrorOf(error: unknown): string | undefined {
  let next = error as Readonly<Record<string, unknown>> | undefined;
  for (let depth = 0; depth < 4 && typeof next === "object" && next !== null; depth++) {
    const { codeName, cause } = next;
    if (typeof codeName === "string" && /^[A-Z][A-Za-z]{2,49}$/.test(codeName)) return codeName;
    next = cause as typeof next;
  }
  return undefined;
}
