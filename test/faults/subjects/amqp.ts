import { type AmqpOptions, amqp } from "@otel-health/checks/amqp";
import { type Channel, connect as connectAmqp, type Options, type RecoveringChannelModel } from "amqplib";
import { type Rabbitmq, rabbitmqPrograms, startRabbitmq } from "../../servers/rabbitmq.ts";
import { type Address, type Dependency, type Subject, subject } from "../subject.ts";

interface AmqpDependency extends Dependency {
  readonly connection: RecoveringChannelModel;
}

async function connect(
  { host, port, ca }: Address,
  more: Options.Connect = {},
  options: AmqpOptions = {},
): Promise<AmqpDependency> {
  const protocol = ca === undefined ? "amqp" : "amqps";
  const login = { protocol, hostname: host, port, username: "app", password: "right", ...more };
  const connection = await connectAmqp(login, {
    ...(ca !== undefined && { ca: [ca] }),
    // A handshake that is not answered would be waited for without end.
    timeout: 400,
    // Its own grows to half a minute; an application that wants to be back soon sets it.
    recovery: { initialDelay: 100, maxDelay: 500, waitForConnect: false },
  });
  // Without it the loss of the connection ends the process.
  connection.on("error", () => {});
  return {
    connection,
    check: (schedule) => amqp(connection, { ...schedule, ...options }),
    emitters: () => [connection],
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

/** Ends the application's connections, so that they have to log in again. */
const cutOff = (server: Rabbitmq) => server.ctl("close_all_connections", "cut off");

const lost = ["ECONNREFUSED", "ECONNRESET", "connection_lost", "connection_closed", "CONNECTION_FORCED"];
const held = new WeakMap<RecoveringChannelModel, readonly Channel[]>();
/** The delay between two attempts to connect, and a handshake. */
const clientMs = 1_000;

const amqplib: Subject<Rabbitmq, AmqpDependency> = {
  name: "amqp: amqplib",
  programs: rabbitmqPrograms,
  start: async () => {
    const server = await startRabbitmq();
    await allow(server, "/");
    return server;
  },
  connect: (address) => connect(address),
  cells: {
    refused: { errorTypes: lost, clientMs },
    hang: { errorTypes: ["timeout"] },
    slow: { errorTypes: ["timeout"] },
    reset: { errorTypes: lost, clientMs },
    "half-open": { errorTypes: ["timeout"], clientMs },
    "wrong credentials": {
      errorTypes: ["ACCESS_REFUSED"],
      fault: "fatal",
      clientMs,
      inject: async ({ server }) => {
        await server.ctl("change_password", "app", "rotated");
        await cutOff(server);
      },
      heal: ({ server }) => server.ctl("change_password", "app", "right"),
    },
    "wrong database": {
      errorTypes: ["vhost_refused"],
      fault: "fatal",
      clientMs,
      connect: (address) => connect(address, { vhost: "typo" }),
      heal: async ({ server }) => {
        await server.ctl("add_vhost", "typo");
        await allow(server, "typo");
      },
    },
    restart: { errorTypes: lost, clientMs },
    // A broker without memory takes no messages: it blocks whoever sends one.
    "read-only": {
      errorTypes: ["blocked"],
      inject: async ({ server, dependency: { connection } }) => {
        await server.alarm(true);
        const channel = await connection.createChannel();
        channel.publish("", "nobody", Buffer.from("x"));
        held.set(connection, [channel]);
      },
      heal: async ({ server, dependency: { connection } }) => {
        await server.alarm(false);
        await Promise.all((held.get(connection) ?? []).map((channel) => channel.close()));
      },
    },
    "pool exhausted": {
      errorTypes: ["channels_exhausted"],
      connect: (address) => connect(address, { channelMax: 2 }),
      inject: async ({ dependency: { connection } }) => {
        held.set(connection, [await connection.createChannel(), await connection.createChannel()]);
      },
      heal: async ({ dependency: { connection } }) => {
        await Promise.all((held.get(connection) ?? []).map((channel) => channel.close()));
      },
    },
    "DNS gone": { errorTypes: ["ENOTFOUND"], clientMs },
    "TLS expired": { tls: true, errorTypes: ["CERT_HAS_EXPIRED"], fault: "persistent", clientMs },
  },
};

async function allow(server: Rabbitmq, vhost: string): Promise<void> {
  if (vhost === "/") await server.ctl("add_user", "app", "right");
  await server.ctl("set_permissions", "-p", vhost, "app", ".*", ".*", ".*");
}

export const subjects: readonly Subject[] = [subject(amqplib)];
