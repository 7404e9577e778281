import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startChild, until } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { temporaryFile } from "../temporary-file.ts";

/** Which processes have told systemd what, when the one that is to has told of its drain. */
async function told(how: string, drains: number) {
  const log = temporaryFile();
  const folder = dirname(log);
  writeFileSync(log, "");
  writeFileSync(join(folder, "systemd-notify"), `#!/bin/sh\necho "$PPID $*" >>'${log}'\n`, { mode: 0o755 });
  const args = [join(import.meta.dirname, "draining-process.ts"), how];
  const env = { ...process.env, NOTIFY_SOCKET: "/run/notify", PATH: `${folder}:${process.env["PATH"]}` };
  const drained = () =>
    child.stdout.map((line) => JSON.parse(line) as { readonly pid: number; readonly options: { systemd?: boolean } });
  await using child = await startChild({ command: process.execPath, args, env, ready: /^\{/ });
  await until(() => drained().length === drains, { describe: () => `${drains} drain; it said: ${child.output}` });
  const text = () => readFileSync(log, "utf8");
  await until(() => text().includes("STOPPING=1"), { describe: "systemd is told" });
  child.endInput();
  await child.exited;
  return { drained: drained(), tellers: new Set(Array.from(text().matchAll(/^\d+/gm), Number)) };
}

describe("startWatchdog, where systemd has started the process", { timeout: 60_000 }, () => {
  it("tells it of a drain", async () => {
    const { drained, tellers } = await told("alone", 1);
    expect([...tellers]).toEqual(drained.map(({ pid }) => pid));
  });

  it("leaves that to the primary in a worker of a cluster, unless it is told to do it", async () => {
    const { drained, tellers } = await told("cluster", 2);
    expect([...tellers]).toEqual(drained.filter(({ options }) => options.systemd).map(({ pid }) => pid));
  });
});
