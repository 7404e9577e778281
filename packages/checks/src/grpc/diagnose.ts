import type { Diagnosis } from "../dependency/diagnosis.ts";
import { networkFaults } from "../dependency/network-faults.ts";

const busy: Diagnosis = { hint: "the server, or a proxy before it, is overloaded: look at its limits and its load" };

/** By number, https://grpc.io/docs/guides/status-codes/. */
const codes: readonly (readonly [name: string, diagnosis: Diagnosis])[] = [
  ["OK", {}],
  ["CANCELLED", { hint: "someone else than the check cancelled the call: an interceptor of the client, or a proxy" }],
  ["UNKNOWN", { hint: "the server's own code threw while it answered: look at its log" }],
  ["INVALID_ARGUMENT", { fault: "persistent", hint: "what answers there does not speak grpc.health.v1" }],
  ["DEADLINE_EXCEEDED", { hint: "the call's deadline passed: is the server overloaded, or does it hang?" }],
  [
    "NOT_FOUND",
    { fault: "fatal", hint: "the server knows no service of that name: look at `service`, and at what it registers" },
  ],
  ["ALREADY_EXISTS", {}],
  [
    "PERMISSION_DENIED",
    { fault: "fatal", hint: "this client may not ask for the health of the server: look at its authorization" },
  ],
  ["RESOURCE_EXHAUSTED", busy],
  ["FAILED_PRECONDITION", {}],
  ["ABORTED", {}],
  ["OUT_OF_RANGE", {}],
  [
    "UNIMPLEMENTED",
    {
      fault: "persistent",
      hint: 'the server has no health service: add one, or say unimplemented: "pass" where any answer will do',
    },
  ],
  ["INTERNAL", { hint: "the connection broke an invariant: look at the log of the server, and of what is between" }],
  [
    "UNAVAILABLE",
    { hint: "no connection to the server: is it running, is it the right address, and does it speak gRPC there?" },
  ],
  ["DATA_LOSS", {}],
  [
    "UNAUTHENTICATED",
    { fault: "fatal", hint: "the server refuses the credentials: look at the token or certificate of the client" },
  ],
];

/** Why there is no connection stands in the details only, in the words of Node and of OpenSSL. */
const causes: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/certificate has expired/, "CERT_HAS_EXPIRED"],
  [/certificate is not yet valid/, "CERT_NOT_YET_VALID"],
  [/certificate revoked/, "CERT_REVOKED"],
  [/Hostname\/IP does not match/, "ERR_TLS_CERT_ALTNAME_INVALID"],
  [/self.signed certificate in certificate chain/, "SELF_SIGNED_CERT_IN_CHAIN"],
  [/self.signed certificate/, "DEPTH_ZERO_SELF_SIGNED_CERT"],
  [/unable to get local issuer certificate/, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"],
  [/unable to verify the first certificate/, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  [/wrong version number/, "ERR_SSL_WRONG_VERSION_NUMBER"],
  [/Name resolution failed/, "ENOTFOUND"],
];

const noGrpc = "what answers there is no gRPC server: does a proxy between route gRPC to it?";

const closed: Diagnosis = {
  errorType: "client_closed",
  fault: "persistent",
  hint: "the application has closed the client that is checked",
};

/** What an error of `@grpc/grpc-js` means. */
export function diagnoseGrpc(error: unknown): Diagnosis | undefined {
  const { code, details, message } = error as Readonly<Record<string, unknown>>;
  if (typeof code !== "number") return message === "Channel has been shut down" ? closed : undefined;
  const known = codes[code];
  if (known === undefined) return undefined;
  const [errorType, diagnosis] = known;
  const cause = errorType === "UNAVAILABLE" && typeof details === "string" ? causeOf(details) : undefined;
  if (cause !== undefined) return { errorType: cause, ...networkFaults[cause] };
  const isOfProxy = errorType === "UNIMPLEMENTED" && !isUnimplementedByServer(error);
  return { errorType, ...diagnosis, ...(isOfProxy && { hint: noGrpc }) };
}

/** Whether a server that has no health service has answered, and so is alive. */
export function isUnimplementedByServer(error: unknown): boolean {
  const { code, details } = error as Readonly<Record<string, unknown>>;
  // Said by the client itself of an answer that is none, or of one by a proxy.
  const isOfClient = /^(Received HTTP status code|No message received|Too many responses)/;
  return code === 12 && typeof details === "string" && !isOfClient.test(details);
}

function causeOf(details: string): string | undefined {
  const code = /\b(E[A-Z]{3,}|E[A-Z]+_[A-Z]+)\b/.exec(details)?.[1];
  if (code !== undefined && Object.hasOwn(networkFaults, code)) return code;
  return causes.find(([pattern]) => pattern.test(details))?.[1];
}
