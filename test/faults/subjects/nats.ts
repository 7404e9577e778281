import { connect as connectIo } from "@nats-io/transport-node";
import { type NatsConnection, type NatsOptions, nats } from "@otel-health/checks/nats";
import { connect as connectNats, DiscardPolicy } from "nats";
import { type Nats, startNats } from "../../servers/nats.ts";
import type { Address, Dependency } from "../subject.ts";
import { type Subject, subject } from "../subject.ts";
import { authority } from "../tls-front.ts";

interface NatsDependency extends Dependency {
  readonly connection: NatsConnection & { close(): Promise<void> };
}

type Connect = (options: ReturnType<typeof settings>) => Promise<NatsDependency["connection"]>;

function settings({ host, port }: Address, isTls: boolean) {
  return {
    servers: `${host}:${port}`,
    user: "app",
    pass: "right",
    // By default it gives up for good after ten attempts, two seconds apart, and after a second refusal of its credentials.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    ignoreAuthErrorAbort: true,
    // It asks name servers itself otherwise.
    resolve: false,
    tls: isTls ? { ca: authority } : null,
  };
}

/** Why a client cannot connect it tells nobody. */
const gone = ["disconnected"];
/** Its delay between connects, and one connect. */
const clientMs = 300;

function subjectOf(name: string, open: Connect): Subject<Nats, NatsDependency> {
  const connect = async (address: Address, options: NatsOptions = {}, isTls = false): Promise<NatsDependency> => {
    const connection = await open(settings(address, isTls));
    return {
      connection,
      check: (schedule) => nats(connection, { jetstream: true, ...schedule, ...options }),
      [Symbol.asyncDispose]: () => connection.close(),
    };
  };
  return {
    name,
    programs: ["nats-server"],
    start: startNats,
    connect: (address) => connect(address),
    cells: {
      refused: { errorTypes: gone, clientMs },
      hang: { errorTypes: ["timeout", ...gone], clientMs },
      slow: { errorTypes: ["timeout", ...gone], clientMs },
      reset: { errorTypes: gone, clientMs },
      "half-open": { errorTypes: ["timeout", ...gone], clientMs },
      "wrong credentials": {
        errorTypes: ["authorization"],
        fault: "fatal",
        inject: ({ server }) => server.set({ password: "rotated" }),
        heal: ({ server }) => server.set({ password: "right" }),
        clientMs,
      },
      "wrong database": {
        errorTypes: ["stream_not_found"],
        fault: "fatal",
        connect: (address) => connect(address, { stream: "typo" }),
        heal: async ({ server }) => server.createStream("typo"),
      },
      restart: { errorTypes: gone, clientMs },
      "read-only": {
        errorTypes: ["stream_full"],
        connect: async (address, server) => {
          await server.createStream("full", { max_msgs: 1, discard: DiscardPolicy.New });
          await server.publish("full");
          return connect(address, { stream: "full" });
        },
        heal: ({ server }) => server.purge("full"),
      },
      "pool exhausted": "there is no pool: all share one connection",
      "DNS gone": { errorTypes: gone, clientMs },
      "TLS expired": {
        errorTypes: gone,
        connect: (address) => connect(address, {}, true),
        inject: async ({ server, proxy }) => {
          await server.set({ certificate: "expired" });
          await proxy.setMode("reset");
          await proxy.setMode("pass");
        },
        heal: ({ server }) => server.set({ certificate: "valid" }),
        clientMs,
      },
    },
  };
}

export const subjects: readonly Subject[] = [
  subject(subjectOf("nats: nats", connectNats)),
  subject(subjectOf("nats: @nats-io/transport-node", connectIo)),
];
