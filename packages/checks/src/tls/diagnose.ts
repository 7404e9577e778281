import type { Diagnosis } from "../dependency/diagnosis.ts";

/** By the end of OpenSSL's code, whose beginning differs from one version to the next. */
const alerts: readonly (readonly [end: string, diagnosis: Diagnosis])[] = [
  [
    "ALERT_NO_APPLICATION_PROTOCOL",
    { errorType: "no_protocol", hint: "it speaks none of the protocols of `alpn`: is that the right port?" },
  ],
  [
    "ALERT_UNRECOGNIZED_NAME",
    { errorType: "unrecognized_name", hint: "it has no certificate for that name: is `servername` one of its own?" },
  ],
  [
    "ALERT_PROTOCOL_VERSION",
    {
      errorType: "protocol_version",
      hint: "it speaks no version of TLS that this Node takes: it is very old, or very strict",
    },
  ],
  [
    "ALERT_HANDSHAKE_FAILURE",
    {
      errorType: "handshake_failure",
      hint: "both have no cipher or curve in common, or it wants a client certificate",
    },
  ],
];

/** What an error of a handshake means, where it is the server that ended it. */
export function diagnoseTls(error: unknown): Diagnosis | undefined {
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== "string") return undefined;
  const diagnosis = alerts.find(([end]) => code.endsWith(end))?.[1];
  return diagnosis && { fault: "persistent", ...diagnosis };
}
