import type { Diagnosis } from "../dependency/diagnosis.ts";

const credentials: Diagnosis = {
  errorType: "authorization",
  fault: "fatal",
  hint: "the broker refuses this client: look at user name, password or certificate, and at its access list",
};
const identifier: Diagnosis = {
  errorType: "client_identifier",
  fault: "fatal",
  hint: "the broker does not take this client identifier: look at its form, and whether it is allowed",
};
const version: Diagnosis = {
  errorType: "protocol_version",
  fault: "fatal",
  hint: "the broker does not speak this version of MQTT: set protocolVersion to one that it does",
};
const busy: Diagnosis = {
  errorType: "broker_busy",
  hint: "the broker takes no client at the moment: it is starting, overloaded or at a limit of its connections",
};

/** By return code (MQTT 3.1.1) and reason code (MQTT 5), of the answer to CONNECT and of the broker's DISCONNECT. */
const codes: { readonly [code: number]: Diagnosis } = {
  1: version,
  2: identifier,
  3: busy,
  4: credentials,
  5: credentials,
  132: version,
  133: identifier,
  134: credentials,
  135: credentials,
  136: busy,
  137: busy,
  138: { ...credentials, hint: "the broker has banned this client" },
  139: { errorType: "broker_stopping", hint: "the broker ends its connections: it is being shut down or restarted" },
  140: credentials,
  141: {
    errorType: "keepalive_timeout",
    hint: "the broker heard nothing from this client in time: was its loop blocked?",
  },
  142: {
    errorType: "session_taken_over",
    fault: "persistent",
    hint: "another client has connected with the same clientId: give each instance one of its own",
  },
  151: busy,
  159: busy,
};

/** What `mqtt` and its check say without a code. */
const messages: readonly (readonly [pattern: RegExp, diagnosis: Diagnosis])[] = [
  [
    /^Keepalive timeout$/,
    {
      errorType: "keepalive_timeout",
      hint: "the broker did not answer in time: is it up, and does a firewall drop packets?",
    },
  ],
  [
    /^connack timeout$/,
    { errorType: "connect_timeout", hint: "the broker takes connections and does not answer: does it hang?" },
  ],
];

/** What an error of `mqtt`, or a reason code of a broker, means. */
export function diagnoseMqtt(error: unknown): Diagnosis | undefined {
  const { code, message } = error as Readonly<Record<string, unknown>>;
  if (typeof code === "number") return codes[code];
  if (typeof message !== "string" || typeof code === "string") return undefined;
  return messages.find(([pattern]) => pattern.test(message))?.[1];
}
