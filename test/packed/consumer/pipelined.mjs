// Breaks off a connection with two requests. Node 22 tells of no end of the second answer, which waits behind the first.
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { createHealth } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { createTraffic } from "@otel-health/traffic";

const clock = new FakeClock();
const traffic = createTraffic({ clock });
const health = createHealth({ clock, checks: { requests: traffic.requests({ maxP99Ms: 1_000, minSamples: 1 }) } });
traffic.watch(health);
await health.start();

const server = createServer((request) => {
  if (request.url === "/second") client.destroy();
}).listen(0, "127.0.0.1");
await once(server, "listening");
const connected = once(server, "connection");
const client = connect(server.address().port, "127.0.0.1");
client.write("GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n");
const [connection] = await connected;
await once(connection, "close");
await clock.advance(10_000);
await health.refresh();
console.log(health.checks.requests.snapshot().message);
await health.stop();
server.close();
