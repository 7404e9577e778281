import type { Diagnosis } from "../dependency/diagnosis.ts";

const unreachable = "Prisma reached no server: is it up, and is the URL right?";

/** Codes of Prisma that are about the connection, https://www.prisma.io/docs/orm/reference/error-reference. */
export const prismaFaults: { readonly [code: string]: Diagnosis } = {
  P1000: { fault: "fatal", hint: "the server refuses this user: look at user and password of the URL" },
  P1001: { hint: unreachable },
  P1002: { hint: unreachable },
  P1003: { fault: "fatal", hint: "there is no such database: look at the URL, and whether it has been created" },
  P1008: { hint: "the server took the query and did not answer in time" },
  P1010: { fault: "fatal", hint: "the user may not use that database: look at its grants" },
  P1011: { fault: "persistent", hint: "TLS with the server failed: look at the certificates of both sides" },
  P1012: { fault: "fatal", hint: "Prisma's schema or the environment that it reads is wrong" },
  P1017: { hint: "the server closed the connection: it restarted or crashed, or closed one that was idle" },
  P2024: {
    errorType: "pool_exhausted",
    hint: "no connection of Prisma's pool was free within pool_timeout: slow queries, or a connection_limit that is too small",
  },
  P2037: { hint: "the server has no connection left: lower the pools of all instances, or raise max_connections" },
};
