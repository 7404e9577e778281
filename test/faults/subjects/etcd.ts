import { etcd } from "@otel-health/checks/etcd";
import { Etcd3, type IOptions } from "etcd3";
import { type Etcd, etcdPrograms, startEtcd } from "../../servers/etcd.ts";
import { type Address, type Dependency, type Subject, subject } from "../subject.ts";

const root = { username: "root", password: "secret" };

function connect({ host, port, ca }: Address, options: Partial<IOptions> = {}): Dependency {
  const client = new Etcd3({
    hosts: `${ca === undefined ? "http" : "https"}://${host}:${port}`,
    ...(ca !== undefined && { credentials: { rootCertificate: Buffer.from(ca) } }),
    grpcOptions: {
      // By default a second, growing to two minutes, and half a minute between look-ups of the name.
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 200,
      "grpc.dns_min_time_between_resolutions_ms": 100,
      // Channels of one process share connections otherwise.
      "grpc.use_local_subchannel_pool": 1,
      // Without pings a connection whose packets are lost is believed in for as long as TCP sends them again.
      "grpc.keepalive_time_ms": 500,
      "grpc.keepalive_timeout_ms": 500,
    },
    ...options,
  });
  return {
    check: (schedule) => etcd(client, schedule),
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

/** After three failures in a row the client asks nothing for five seconds. */
const clientMs = 5_500;
const gone = ["ECONNREFUSED", "ECONNRESET", "UNAVAILABLE"];

const etcd3: Subject<Etcd> = {
  name: "etcd: etcd3",
  programs: etcdPrograms,
  alpn: ["h2"],
  start: async () => {
    const [server] = (await startEtcd()) as [Etcd];
    await server.ask(async (client) => {
      await client.role("root").create();
      const user = await client.user("root").create("secret");
      await user.addRole("root");
    });
    return server;
  },
  connect: async (address) => connect(address),
  cells: {
    refused: { errorTypes: gone, clientMs },
    hang: { errorTypes: ["timeout", ...gone], clientMs },
    slow: { errorTypes: ["timeout", ...gone], clientMs },
    reset: { errorTypes: gone, clientMs },
    "half-open": { errorTypes: ["timeout", ...gone], clientMs },
    "wrong credentials": {
      errorTypes: ["authentication"],
      fault: "fatal",
      // From then on it wants a password.
      inject: ({ server }) => server.ask((client) => client.auth.authEnable()),
      heal: ({ server }) => server.ask((client) => client.auth.authDisable(), root),
    },
    "wrong database": "etcd has no databases",
    restart: { errorTypes: gone, clientMs },
    "read-only": {
      errorTypes: ["NOSPACE"],
      fault: "persistent",
      inject: ({ server }) =>
        server.ask((client) => client.maintenance.alarm({ action: "Activate", alarm: "Nospace" })),
      heal: ({ server }) =>
        server.ask((client) => client.maintenance.alarm({ action: "Deactivate", alarm: "Nospace" })),
    },
    "pool exhausted": "there is no pool: one connection to each member serves the whole application",
    "DNS gone":
      "a channel goes on with the addresses that it has once resolved, and so do the application's calls: nothing is wrong",
    "TLS expired": { tls: true, errorTypes: ["CERT_HAS_EXPIRED"], fault: "persistent", clientMs },
  },
};

export const subjects: readonly Subject[] = [subject(etcd3)];
