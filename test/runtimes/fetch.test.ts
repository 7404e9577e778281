import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { kubeProbe, startChild } from "@otel-health/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { project } from "../fixtures/packed.ts";

const bun = { "@oven/bun-linux-x64": "1.4.5" };
const deno = { "@deno/linux-x64-glibc": "2.9.6" };
const isLinux = process.platform === "linux" && process.arch === "x64";

/** What there is of both in the registry is one package a platform; the tests' own is where these are run. */
describe.runIf(isLinux)("healthFetch", () => {
  let folder = "";
  beforeAll(async () => {
    const dependencies = { ...bun, ...deno, "@otel-health/http": "packed", "@opentelemetry/api": "1.10.0" };
    folder = await project("runtimes", { dependencies });
    copyFileSync(join(import.meta.dirname, "serve.mjs"), join(folder, "serve.mjs"));
  }, 240_000);

  it.each([
    ["Bun", "node_modules/@oven/bun-linux-x64/bin/bun", ["run", "serve.mjs"]],
    ["Deno", "node_modules/@deno/linux-x64-glibc/deno", ["run", "--allow-all", "--no-remote", "serve.mjs"]],
  ])("serves the probes of %s", async (_name, program, args) => {
    await using service = await startChild({
      command: join(folder, program),
      args,
      cwd: folder,
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", DENO_DIR: join(folder, ".deno") },
      ready: /^listening on \d+$/,
    });
    const url = `http://127.0.0.1:${service.stdout[0]?.split(" ")[2]}`;
    const { status, body } = await kubeProbe(`${url}/readyz`);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ status: "healthy", checks: { maintenance: { ok: true } } });
    const head = await fetch(`${url}/livez/?a=b`, { method: "HEAD" });
    expect([head.status, head.headers.get("cache-control"), await head.text()]).toEqual([200, "no-store", ""]);
    const post = await fetch(`${url}/readyz`, { method: "POST", body: "{}" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await (await fetch(`${url}/readyz`, { headers: { accept: "text/plain" } })).text()).toMatch(
      /^\[\+\]maintenance ok\n/,
    );
    expect(await (await fetch(`${url}/orders`)).text()).toBe("hello");
    await fetch(`${url}/close`);
    expect((await kubeProbe(`${url}/readyz`)).status).toBe(503);
    expect((await kubeProbe(`${url}/livez`)).status).toBe(200);
    expect(service.stderr).toEqual([]);
  });
});
