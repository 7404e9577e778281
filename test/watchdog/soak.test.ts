import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Child, kubeProbe, startChild, until } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import type { Silence } from "./busy-process.ts";

/** A minute is asked for; the ordinary run is shorter. */
const soakMs = Number(process.env["WATCHDOG_SOAK_MS"] ?? 5_000);
const blockedAfterMs = 1_000;
/** The loop's own log of its silences is as exact as its heartbeat, and so is the watchdog. */
const exactMs = 150;
/** A thread that has to share the CPU may notice a silence later by so much. */
const noticesWithinMs = 1_000;

interface Answer {
  readonly path: string;
  readonly said: string;
  /** When it was asked and when it was there, milliseconds that all processes of the machine share. */
  readonly askedAt: number;
  readonly answeredAt: number;
}

const now = () => Number(process.hrtime.bigint()) / 1e6;

async function ask(port: number, path: string): Promise<Answer> {
  const askedAt = now();
  const { status, body } = await kubeProbe(`http://127.0.0.1:${port}${path}`, { timeoutMs: 20_000 });
  const said = status === undefined ? "no answer" : `${status} ${JSON.parse(body).status}`;
  return { path, said, askedAt, answeredAt: now() };
}

/** Whether the answer was true of the loop, which has written down when it was silent. */
function isTrue({ path, said, askedAt, answeredAt }: Answer, silences: readonly Silence[]): boolean {
  const longest = (at: number) =>
    Math.max(0, ...silences.map(({ from, to }) => (from <= at ? Math.min(to, at) - from : 0)));
  if (said === "200 healthy")
    return silences.every(({ from, to }) => to < askedAt || askedAt - from < blockedAfterMs + noticesWithinMs);
  if (said === "200 degraded") return longest(answeredAt) >= blockedAfterMs - exactMs;
  // Half a minute is longer than any of its silences.
  return path === "/readyz" && said === "503 unhealthy" && longest(answeredAt) >= 2 * blockedAfterMs - exactMs;
}

describe("a main thread that is never idle, on a machine that is busy", () => {
  it(`is told the truth about by every answer of ${soakMs / 1_000} s`, { timeout: soakMs + 120_000 }, async () => {
    const others = Array.from(
      { length: availableParallelism() },
      () => new Child({ command: process.execPath, args: ["-e", "for (;;);"] }),
    );
    try {
      await using busy = await startChild({
        command: process.execPath,
        args: [join(import.meta.dirname, "busy-process.ts")],
        ready: /^listening on/,
        readyTimeoutMs: 60_000,
      });
      const port = Number(busy.stdout[0]?.split(" ").at(-1));
      const ready = async () => (await ask(port, "/readyz")).said === "200 healthy";
      await until(ready, { describe: "readiness", timeoutMs: 20_000 });
      const end = now() + soakMs;
      const answers: Answer[] = [];
      while (now() < end) answers.push(await ask(port, "/livez"), await ask(port, "/readyz"));
      busy.sendLine("end");
      const { silences, turns }: { silences: readonly Silence[]; turns: number } = JSON.parse(
        await busy.waitForLine(/^\{"silences"/),
      );
      expect(turns).toBeGreaterThan(0);
      expect(answers.length).toBeGreaterThan(10);
      expect(answers.filter((answer) => !isTrue(answer, silences))).toEqual([]);
    } finally {
      await Promise.all(others.map((other) => other.stop({ signal: "SIGKILL" })));
    }
  });
});
