import { readFileSync } from "node:fs";
import { Client, credentials } from "@grpc/grpc-js";
import { amqp } from "@otel-health/checks/amqp";
import { disk } from "@otel-health/checks/disk";
import { dns } from "@otel-health/checks/dns";
import { type EtcdClient, etcd } from "@otel-health/checks/etcd";
import { file } from "@otel-health/checks/file";
import { grpc } from "@otel-health/checks/grpc";
import { http } from "@otel-health/checks/http";
import { type KafkaAdmin, kafka } from "@otel-health/checks/kafka";
import { type MemcachedClient, memcached } from "@otel-health/checks/memcached";
import { mongodb } from "@otel-health/checks/mongodb";
import { type MqttClient, mqtt } from "@otel-health/checks/mqtt";
import { mysql } from "@otel-health/checks/mysql";
import { type NatsConnection, nats } from "@otel-health/checks/nats";
import { type PostgresClient, postgres } from "@otel-health/checks/postgres";
import { type QueueOptions, queue } from "@otel-health/checks/queue";
import { redis } from "@otel-health/checks/redis";
import { sql } from "@otel-health/checks/sql";
import { tcp } from "@otel-health/checks/tcp";
import { tls } from "@otel-health/checks/tls";
import { Redis } from "ioredis";
import { Kafka } from "kafkajs";
import { MongoClient } from "mongodb";
import { createPool } from "mysql2/promise";
import { afterAll, describe, expect, it } from "vitest";
import { complaint } from "./running.ts";

const read = (file: string) => readFileSync(new URL(file, import.meta.url), "utf8");
const readme = read("../README.md");
const manifest = JSON.parse(read("../package.json"));
const entries = Object.keys(manifest.exports)
  .filter((entry) => entry !== "./package.json")
  .map((entry) => entry.slice(2));

const common =
  "backoff critical dependsOn failureThreshold gracePeriodMs hint initialDelayMs intervalMs jitter persistentAfterMs probes slowAfterMs staleAfterMs successThreshold timeoutMs".split(
    " ",
  );

const misspelled = { misspelled: true } as object;
/** Clients that nothing is asked of. */
const pool = { connect() {}, query() {}, waitingCount: 0, options: { max: 1 } } as unknown as PostgresClient;
const ignore = () => {};
const admin = new Kafka({ brokers: ["a:1"], logLevel: 0 }).admin() as KafkaAdmin;
const memcachedClient = { stats: ignore, statsWithKey: ignore, servers: [{}] } as unknown as MemcachedClient;
const etcdClient = { get: ignore, maintenance: { status: ignore } } as unknown as EtcdClient;
const mqttClient = {
  sendPing: ignore,
  on: ignore,
  removeListener: ignore,
  listenerCount: () => 0,
  connected: true,
} as unknown as MqttClient;
const jobs = { getJobCounts: async () => ({ waiting: 0 }) };
const connection = {
  rtt() {},
  request() {},
  closed: () => new Promise(() => {}),
  isClosed: () => false,
  isDraining: () => false,
  async *status() {},
} as unknown as NatsConnection;
const channel = new Client("localhost:1", credentials.createInsecure());
const mysqlPool = createPool({ host: "localhost" });
const redisClient = new Redis({ lazyConnect: true });
afterAll(async () => {
  channel.close();
  await mysqlPool.end();
  redisClient.disconnect();
});

/** Each check with an option that there is not. */
const calls: { readonly [name: string]: () => unknown } = {
  postgres: () => postgres(pool, misspelled),
  redis: () => redis(redisClient, misspelled),
  http: () => http("http://a", misspelled),
  grpc: () => grpc(channel, misspelled),
  mysql: () => mysql(mysqlPool, misspelled),
  sql: () => sql(async () => 1, misspelled),
  amqp: () => amqp(() => undefined, misspelled),
  dns: () => dns("a", misspelled),
  tcp: () => tcp({ host: "a", port: 1 }, misspelled),
  tls: () => tls({ host: "a", port: 1 }, misspelled),
  disk: () => disk("/", misspelled),
  file: () => file("/", { maxAgeMs: 1, ...misspelled }),
  nats: () => nats(connection, misspelled),
  mqtt: () => mqtt(mqttClient, misspelled),
  kafka: () => kafka(admin, misspelled),
  mongodb: () => mongodb(new MongoClient("mongodb://a"), misspelled),
  memcached: () => memcached(memcachedClient, misspelled),
  etcd: () => etcd(etcdClient, misspelled),
  queue: () => queue(jobs, { failBacklog: 1, ...misspelled } as QueueOptions),
};

/** The first cells of the table below a marker. */
function listed(name: string): readonly string[] {
  const [, below = ""] = readme.split(`<!-- options: ${name} -->\n`);
  const [table = ""] = below.split("\n\n");
  const cells = Array.from(table.matchAll(/^\|(.*?)\|/gm), ([, cell = ""]) => cell);
  return cells.flatMap((cell) => Array.from(cell.matchAll(/`(\w+)`/g), ([, option = ""]) => option));
}

describe("the README", () => {
  it("has a section for every entry point, and a row in the table of them", () => {
    const sections = Array.from(readme.matchAll(/^## (\w+)$/gm), ([, name]) => name);
    expect(entries.filter((entry) => !sections.includes(entry))).toEqual([]);
    expect(entries.filter((entry) => !readme.includes(`| [\`${entry}\`](#${entry}) |`))).toEqual([]);
  });

  it("is compared with every check that has options", () => {
    expect(Object.keys(calls).sort()).toEqual([...entries].sort());
  });

  it.each(Object.entries(calls))("lists every option of %s()", (name, call) => {
    const [, known = ""] = /the options are: (.*)$/.exec(complaint(call)) ?? [];
    const own = known.split(", ").filter((option) => !common.includes(option));
    expect(listed(name).toSorted()).toEqual(own);
  });
});
