import type { Diagnose, Diagnosis } from "../dependency/diagnosis.ts";

const credentials: Diagnosis = {
  fault: "fatal",
  hint: "the broker refuses this user: look at user and password, and at its permissions in the virtual host",
};
const lost: Diagnosis = {
  errorType: "connection_lost",
  hint: "the connection was lost: the broker restarted or crashed, or something between cut it",
};
const again = "the application has no open connection: look at why it does not get one again";
const never =
  "amqplib does not connect again by itself: connect with its recovery, or give the check a function that returns the connection in use";

/** By the names of AMQP 0-9-1's reply codes, with which a broker closes a connection or a channel. */
const replies: { readonly [name: string]: Diagnosis } = {
  CONNECTION_FORCED: { hint: "the broker closed the connection: it is being shut down, or an operator did it" },
  ACCESS_REFUSED: credentials,
  NOT_ALLOWED: {
    fault: "fatal",
    hint: "the broker does not allow that: does the virtual host exist, and may this user use it?",
  },
  NOT_FOUND: {
    fault: "persistent",
    hint: "there is no such queue: look at its name and virtual host, and at who declares it",
  },
  RESOURCE_LOCKED: {
    fault: "persistent",
    hint: "the queue belongs to another connection alone: it was declared exclusive",
  },
  RESOURCE_ERROR: { hint: "the broker is out of channels, connections or memory: look at its log" },
  INTERNAL_ERROR: { hint: "the broker failed: look at its log" },
};

const numbers: { readonly [code: number]: string } = {
  320: "CONNECTION_FORCED",
  403: "ACCESS_REFUSED",
  404: "NOT_FOUND",
  405: "RESOURCE_LOCKED",
  506: "RESOURCE_ERROR",
  530: "NOT_ALLOWED",
  541: "INTERNAL_ERROR",
};

/** What `amqplib` says without a code; the types are ours. */
const messages: readonly (readonly [pattern: RegExp, diagnosis: Diagnosis])[] = [
  [
    /no channels left/i,
    {
      errorType: "channels_exhausted",
      hint: "every channel of the connection is in use: the application opens channels that it does not close, or channelMax is too small",
    },
  ],
  // The reason is lost: amqplib expected something else at this point.
  [
    /expected ConnectionOpenOk; got <ConnectionClose/i,
    {
      errorType: "vhost_refused",
      fault: "fatal",
      hint: "the broker did not open the virtual host: does it exist, may this user use it, and has it a connection left?",
    },
  ],
  [
    /heartbeat timeout/i,
    { errorType: "heartbeat_timeout", hint: "the broker was silent for two heartbeats: is it overloaded, or cut off?" },
  ],
  [/unexpected close|socket closed abruptly|channel (ended|closed)/i, lost],
];

/** What an error of `amqplib` means to a client that comes back by itself, or does not. */
export function diagnoseAmqp(comesBack: boolean): Diagnose {
  return (error) => {
    const { message, code } = error as { readonly message?: unknown; readonly code?: unknown };
    if (typeof message !== "string") return undefined;
    // A connection that is closed tells in brackets why; a handshake that was refused has its code in words alone.
    const number = typeof code === "number" ? code : Number(/\b(\d{3}) \([A-Z-]+\)/.exec(message)?.[1]);
    const reply = numbers[number];
    const diagnosis = reply === undefined ? said(message) : { errorType: reply, ...replies[reply] };
    if (!/^connection clos(ed|ing)\b/i.test(message)) return diagnosis;
    const closed: Diagnosis = { errorType: "connection_closed", ...diagnosis, hint: diagnosis?.hint ?? again };
    return comesBack ? closed : { ...closed, fault: "persistent", hint: never };
  };
}

function said(message: string): Diagnosis | undefined {
  return messages.find(([pattern]) => pattern.test(message))?.[1];
}
