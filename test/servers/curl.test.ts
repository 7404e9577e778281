import { execFile } from "node:child_process";
import { describe, expect, it } from "vitest";
import { startBackend } from "./backend.ts";
import { missing } from "./require-server.ts";

interface Curled {
  readonly code: number;
  readonly stdout: string;
}

function curl(...args: readonly string[]): Promise<Curled> {
  return new Promise((resolve) => {
    execFile("curl", ["--silent", "--show-error", "--noproxy", "*", ...args], (error, stdout) => {
      resolve({ code: Number(error?.code ?? 0), stdout });
    });
  });
}

describe.skipIf(missing("curl"))("curl", () => {
  it("passes and fails with the probe, as a container's health check", async () => {
    await using one = await startBackend("one");
    const url = `http://127.0.0.1:${one.port}/readyz`;
    const { code, stdout } = await curl("--fail", url);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: "healthy", lifecycle: "ready" });
    one.health.checks.database.fail("gone");
    // 22: the server answered with 400 or above.
    expect(await curl("--fail", url)).toMatchObject({ code: 22, stdout: "" });
  });

  it("is answered in the format that it accepts, over HTTP/1.0 and by HEAD", async () => {
    await using one = await startBackend("one");
    const url = `http://127.0.0.1:${one.port}/readyz`;
    const lines = await curl("--header", "Accept: text/plain", url);
    expect(lines.stdout).toMatch(/^\[\+\]database ok\n\[\+\]cache ok\n/);
    const old = await curl("--http1.0", "--include", url);
    expect(old.stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\nConnection: close\r\n/i);
    const head = await curl("--head", url);
    expect(head.stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Cache-Control: no-store\r\n/i);
    expect(head.stdout.endsWith("\r\n\r\n")).toBe(true);
  });
});
