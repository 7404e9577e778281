import { type MqttOptions, mqtt } from "@otel-health/checks/mqtt";
import { connectAsync, type MqttClient } from "mqtt";
import { type Mosquitto, mosquittoPrograms, startMosquitto } from "../../servers/mosquitto.ts";
import { type Address, type Dependency, type Subject, subject } from "../subject.ts";

interface MqttDependency extends Dependency {
  readonly client: MqttClient;
}

async function connect({ host, port, ca }: Address, options: MqttOptions = {}): Promise<MqttDependency> {
  const client = await connectAsync({
    host,
    port,
    username: "app",
    password: "right",
    // By default a second, and half a minute for a broker that takes a connection and says nothing.
    reconnectPeriod: 100,
    connectTimeout: 500,
    // By default it gives up for good where the broker refuses it once.
    reconnectOnConnackError: true,
    ...(ca !== undefined && { protocol: "mqtts" as const, ca }),
  });
  return {
    client,
    check: (schedule) => mqtt(client, { ...schedule, ...options }),
    emitters: () => [client as never],
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}

const gone = ["ECONNREFUSED", "ECONNRESET", "disconnected"];
/** Its delay between connects, and one connect that gets no answer. */
const clientMs = 700;

const mqttJs: Subject<Mosquitto, MqttDependency> = {
  name: "mqtt: mqtt",
  programs: mosquittoPrograms,
  start: startMosquitto,
  connect: (address) => connect(address),
  cells: {
    refused: { errorTypes: gone, clientMs },
    hang: { errorTypes: ["timeout", "connect_timeout"], clientMs },
    slow: { errorTypes: ["timeout", "connect_timeout"], clientMs },
    reset: { errorTypes: gone, clientMs },
    "half-open": { errorTypes: ["timeout", "connect_timeout"], clientMs },
    "wrong credentials": {
      errorTypes: ["authorization"],
      fault: "fatal",
      inject: async ({ server, proxy }) => {
        await server.setPassword("rotated");
        await proxy.setMode("reset");
        await proxy.setMode("pass");
      },
      heal: ({ server }) => server.setPassword("right"),
      clientMs,
    },
    "wrong database": "a broker has no databases: every topic exists as soon as somebody speaks of it",
    restart: { errorTypes: gone, clientMs },
    "read-only": "a broker does not tell a client of MQTT 3.1.1 that it may not publish: it drops what it is sent",
    "pool exhausted": "there is no pool: all share one connection",
    "DNS gone": { errorTypes: ["ENOTFOUND"], clientMs },
    "TLS expired": { tls: true, errorTypes: ["CERT_HAS_EXPIRED"], fault: "persistent", clientMs },
  },
};

export const subjects: readonly Subject[] = [subject(mqttJs)];
