import type { Diagnosis } from "../dependency/diagnosis.ts";
import { networkFaults } from "../dependency/network-faults.ts";

/** How far the wrappers around an error are followed. */
const deepest = 5;

const credentials: Diagnosis = {
  fault: "fatal",
  hint: "the broker refuses this user: look at user, password and SASL mechanism",
};
const permission: Diagnosis = { fault: "fatal", hint: "the user may not do that: look at the cluster's ACLs" };
const coordinator: Diagnosis = {
  hint: "the group has no coordinator at the moment: is the topic __consumer_offsets well?",
};
const noBroker: Diagnosis = {
  errorType: "no_broker",
  hint: "none of the brokers is reachable: are they up, and are the addresses that they advertise reachable from here?",
};

/** By the names of Kafka's protocol errors, which `kafkajs` gives as `type`. */
const types: { readonly [type: string]: Diagnosis } = {
  SASL_AUTHENTICATION_FAILED: credentials,
  ILLEGAL_SASL_STATE: credentials,
  UNSUPPORTED_SASL_MECHANISM: credentials,
  TOPIC_AUTHORIZATION_FAILED: permission,
  GROUP_AUTHORIZATION_FAILED: permission,
  CLUSTER_AUTHORIZATION_FAILED: permission,
  UNKNOWN_TOPIC_OR_PARTITION: {
    fault: "persistent",
    hint: "there is no such topic: look at its name, and at who creates it",
  },
  LEADER_NOT_AVAILABLE: { hint: "a partition has no leader: are all brokers up?" },
  GROUP_COORDINATOR_NOT_AVAILABLE: coordinator,
  GROUP_LOAD_IN_PROGRESS: coordinator,
  NOT_COORDINATOR_FOR_GROUP: coordinator,
  BROKER_NOT_AVAILABLE: noBroker,
  REQUEST_TIMED_OUT: { hint: "the broker gave up on the request: is it overloaded?" },
};

/** Kafka's numbers of those, by which `@confluentinc/kafka-javascript` gives them. */
const numbers: { readonly [code: number]: string } = {
  3: "UNKNOWN_TOPIC_OR_PARTITION",
  5: "LEADER_NOT_AVAILABLE",
  7: "REQUEST_TIMED_OUT",
  8: "BROKER_NOT_AVAILABLE",
  29: "TOPIC_AUTHORIZATION_FAILED",
  31: "CLUSTER_AUTHORIZATION_FAILED",
  33: "UNSUPPORTED_SASL_MECHANISM",
  34: "ILLEGAL_SASL_STATE",
  58: "SASL_AUTHENTICATION_FAILED",
};

/** By librdkafka's numbers of its own errors; the types are ours. */
const own: { readonly [code: number]: Diagnosis } = {
  [-195]: noBroker,
  [-187]: noBroker,
  [-185]: {
    errorType: "request_timeout",
    hint: "no answer came in time: are the brokers overloaded, and has the cluster a controller, which is asked for topics?",
  },
  [-172]: {
    errorType: "client_closed",
    fault: "persistent",
    hint: "the client that is checked has to be connected for as long as the check runs",
  },
  [-169]: { errorType: "SASL_AUTHENTICATION_FAILED", ...credentials },
};

/** By the names of `kafkajs`' own errors; the types are ours. */
const names: { readonly [name: string]: Diagnosis } = {
  KafkaJSSASLAuthenticationError: { errorType: "SASL_AUTHENTICATION_FAILED", ...credentials },
  KafkaJSRequestTimeoutError: {
    errorType: "request_timeout",
    hint: "a broker took the request and did not answer within requestTimeout: is it overloaded?",
  },
  KafkaJSConnectionClosedError: {
    errorType: "connection_lost",
    hint: "the connection was lost: the broker restarted or crashed, or something between cut it",
  },
  KafkaJSConnectionError: {
    errorType: "connect_failed",
    hint: "a broker took no connection within connectionTimeout: is it up, and is the address that it advertises reachable?",
  },
  KafkaJSBrokerNotFound: noBroker,
  KafkaJSNoBrokerAvailableError: noBroker,
  KafkaJSGroupCoordinatorNotFound: { errorType: "GROUP_COORDINATOR_NOT_AVAILABLE", ...coordinator },
};

/** What an error of either client means: that of the deepest error which it wraps. */
export function diagnoseKafka(error: unknown): Diagnosis | undefined {
  const chain = chainOf(error);
  for (const { type } of chain)
    if (type !== "" && Object.hasOwn(types, type)) return { errorType: type, ...types[type] };
  for (const { number } of chain) if (Object.hasOwn(own, number)) return own[number];
  for (const { code } of chain)
    if (Object.hasOwn(networkFaults, code)) return { errorType: code, ...networkFaults[code] };
  for (const { name } of chain) if (Object.hasOwn(names, name)) return names[name];
  return chain.some(isNothingRead) ? noMetadata : undefined;
}

/** When no broker answers, kafkajs keeps the reason to itself and reads the answer that there is not. */
const noMetadata: Diagnosis = {
  errorType: "no_metadata",
  message: "no broker answered with metadata that kafkajs can read",
  hint: "are the brokers reachable at the addresses that they advertise, and has every partition of every topic a leader? kafkajs tells neither",
};

function isNothingRead({ name, message }: Link): boolean {
  return name === "TypeError" && /null|undefined/.test(message);
}

interface Link {
  readonly name: string;
  readonly type: string;
  readonly code: string;
  /** 0 for none. */
  readonly number: number;
  readonly message: string;
}

/** The errors that are wrapped, the deepest first. */
function chainOf(error: unknown): readonly Link[] {
  const chain: Link[] = [];
  let link = error;
  while (typeof link === "object" && link !== null && chain.length < deepest) {
    const { name, type, code, message, cause } = link as Readonly<Record<string, unknown>>;
    const number = typeof code === "number" ? code : 0;
    chain.unshift({
      name: text(name),
      type: numbers[number] ?? text(type),
      code: text(code),
      number,
      message: text(message),
    });
    link = cause;
  }
  return chain;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
