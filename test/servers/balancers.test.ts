import { freePort, until } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { type Backend, startBackend } from "./backend.ts";
import { type Balancer, startBalancer } from "./balancer.ts";
import { missing } from "./require-server.ts";
import { send } from "./traffic.ts";

const address = ({ port }: Backend) => `127.0.0.1:${port}`;

async function startCaddy(...backends: readonly Backend[]): Promise<Balancer> {
  const port = await freePort();
  const admin = await freePort();
  return startBalancer({
    name: "caddy",
    port,
    command: "caddy",
    args: (configFile) => ["run", "--adapter", "caddyfile", "--config", configFile],
    config: () => `{
  admin 127.0.0.1:${admin}
  auto_https off
}
http://127.0.0.1:${port} {
  bind 127.0.0.1
  reverse_proxy ${backends.map(address).join(" ")} {
    lb_policy round_robin
    health_uri /readyz
    health_interval 100ms
    health_timeout 1s
    health_status 200
  }
}
`,
  });
}

async function startVarnish(...backends: readonly Backend[]): Promise<Balancer> {
  const port = await freePort();
  return startBalancer({
    name: "varnish",
    port,
    command: "varnishd",
    args: (configFile, folder) => [
      "-F",
      "-j",
      "none",
      "-n",
      `${folder}/work`,
      "-a",
      `127.0.0.1:${port}`,
      "-T",
      "none",
      "-f",
      configFile,
    ],
    config: () => `vcl 4.1;
import directors;
probe ready { .url = "/readyz"; .expected_response = 200; .interval = 100ms; .timeout = 1s; .window = 2; .threshold = 1; .initial = 1; }
${backends.map((some) => `backend ${some.name} { .host = "127.0.0.1"; .port = "${some.port}"; .probe = ready; }`).join("\n")}
sub vcl_init { new all = directors.round_robin(); ${backends.map(({ name }) => `all.add_backend(${name});`).join(" ")} }
sub vcl_recv { set req.backend_hint = all.backend(); return (pass); }
`,
  });
}

describe.each([
  ["Caddy", "caddy", startCaddy],
  ["Varnish", "varnishd", startVarnish],
] as const)("%s, which probes /readyz", (_name, program, start) => {
  it.skipIf(missing(program))("drops an instance for as long as it is not ready", async () => {
    await using one = await startBackend("one");
    await using two = await startBackend("two");
    await using balancer = await start(one, two);
    const both = () =>
      until(
        async () =>
          Object.keys(await send(balancer.url, 4))
            .sort()
            .join() === "one,two",
        {
          describe: () => `both are served: ${balancer.output()}`,
          timeoutMs: 15_000,
        },
      );
    await both();
    one.health.checks.database.fail("gone");
    await until(async () => (await send(balancer.url, 4))["two"] === 4, {
      describe: "one is dropped",
      timeoutMs: 15_000,
    });
    const before = one.served();
    expect(await send(balancer.url, 10)).toEqual({ two: 10 });
    expect(one.served()).toBe(before);
    one.health.checks.database.pass();
    await both();
    // A degraded instance still takes its part.
    two.health.checks.cache.fail("gone");
    await both();
    void two.health.drain();
    await until(async () => (await send(balancer.url, 4))["one"] === 4, {
      describe: "two is dropped",
      timeoutMs: 15_000,
    });
  });
});

describe.skipIf(missing("nginx"))("nginx, which has no probes of its own", () => {
  it("tries the next instance where one answers 503, so that no client sees it", async () => {
    await using one = await startBackend("one");
    await using two = await startBackend("two");
    const port = await freePort();
    await using nginx = await startBalancer({
      name: "nginx",
      port,
      command: "nginx",
      args: (configFile, folder) => ["-p", folder, "-c", configFile, "-g", "daemon off;"],
      config: (folder) => `pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ")}
  upstream orders { server ${address(one)} max_fails=1 fail_timeout=60s; server ${address(two)} max_fails=1 fail_timeout=60s; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://orders; proxy_next_upstream error timeout http_503; }
  }
}
`,
    });
    const statusOf = async () => (await fetch(`${nginx.url}/readyz`)).status;
    expect(new Set([await statusOf(), await statusOf()])).toEqual(new Set([200]));
    one.health.checks.database.fail("gone");
    for (let i = 0; i < 10; i++) expect(await statusOf()).toBe(200);
    expect(await send(nginx.url, 4)).toEqual({ two: 4 });
  });
});
