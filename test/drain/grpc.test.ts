import { join } from "node:path";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { startChild, until } from "@otel-health/testkit";
import { describe, expect, it, onTestFinished } from "vitest";

const bytes = (buffer: Buffer) => buffer;
const check = "/grpc.health.v1.Health/Check";
const statuses = ["UNKNOWN", "SERVING", "NOT_SERVING"];

function clientOf(port: number) {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  onTestFinished(() => client.close());
  const call = (path: string) =>
    new Promise<string>((resolve) => {
      client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), (error: ServiceError | null, answer?: Buffer) => {
        if (error !== null) resolve(status[error.code] as string);
        else resolve(path === check ? (statuses[answer?.[1] ?? 0] ?? "") : String(answer));
      });
    });
  const told: string[] = [];
  const watching = client.makeServerStreamRequest("/grpc.health.v1.Health/Watch", bytes, bytes, Buffer.alloc(0));
  watching.on("data", (answer: Buffer) => told.push(statuses[answer[1] ?? 0] ?? ""));
  watching.on("error", () => {});
  watching.on("status", ({ code }) => told.push(`ended: ${status[code]}`));
  return { call, told };
}

describe("SIGTERM to a gRPC service", () => {
  it("tells watchers first, serves on, then ends without losing a call, with 0", async () => {
    await using child = await startChild({
      command: process.execPath,
      args: [join(import.meta.dirname, "grpc-process.ts")],
      ready: /^listening on \d+$/,
    });
    const port = Number(child.stdout[0]?.split(" ")[2]);
    const client = clientOf(port);
    await until(() => client.told.length === 1, { describe: "the first status" });
    const inFlight = client.call("/orders.v1.Orders/Slow");
    await child.waitForLine(/^slow call begun$/);

    process.kill(child.pid!, "SIGTERM");
    await until(() => client.told.length === 2, { describe: "the drain is told" });
    expect(client.told).toEqual(["SERVING", "NOT_SERVING"]);
    // New connections and new calls are served until everybody has noticed.
    expect(await clientOf(port).call(check)).toBe("NOT_SERVING");
    const late = client.call("/orders.v1.Orders/Slow");
    await until(() => child.stdout.filter((line) => line === "slow call begun").length === 2, {
      describe: "the late call",
    });

    child.sendLine("advance 5000");
    await until(() => client.told.length === 3, { describe: "the watch ends" });
    expect(client.told[2]).toBe("ended: OK");
    expect(await clientOf(port).call(check)).toBe("UNAVAILABLE");
    expect(child.stdout).not.toContain("server closed");
    child.sendLine("release");
    expect(await Promise.all([inFlight, late])).toEqual(["tea", "tea"]);
    expect(await child.exited, child.output).toEqual({ code: 0, signal: null });
    expect(child.stdout.slice(-2)).toEqual(["server closed", "flushed"]);
    expect(child.stderr).toEqual([]);
  });
});
