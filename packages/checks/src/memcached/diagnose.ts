import type { Diagnosis } from "../dependency/diagnosis.ts";

/** What `memjs` says without a code; the types are ours. */
const messages: readonly (readonly [pattern: RegExp, diagnosis: Diagnosis])[] = [
  [
    /authentication failed|Authentication error/i,
    {
      errorType: "authentication",
      fault: "fatal",
      hint: "the server refuses user or password, or wants one (-S): look at the client's username and its password option",
    },
  ],
  [
    /timed out connecting/i,
    { errorType: "connect_timeout", hint: "the server took no connection within the client's conntimeout: is it up?" },
  ],
  [
    /timed out waiting/i,
    { errorType: "timeout", hint: "the server took the question and did not answer within the client's timeout" },
  ],
];

/** What an error of `memjs` means. */
export function diagnoseMemcached(error: unknown): Diagnosis | undefined {
  const { message } = error as { readonly message?: unknown };
  if (typeof message !== "string") return undefined;
  return messages.find(([pattern]) => pattern.test(message))?.[1];
}
