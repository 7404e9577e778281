import { join } from "node:path";
import { freePort } from "@otel-health/testkit";
import { ServerProcess } from "./server-process.ts";

/** An HTTP service in a process of its own, whose answers are the test's to say. */
export class Upstream extends ServerProcess {
  readonly port: number;

  constructor(port: number) {
    const script = join(import.meta.dirname, "upstream-process.ts");
    super({
      name: "the upstream",
      command: process.execPath,
      args: [script, String(port)],
      isUp: async () => (await this.control({})).ok,
    });
    this.port = port;
  }

  /** What it answers from now on: `status`, `body`, and the `token` that it demands. */
  control(answers: { readonly status?: number; readonly body?: string; readonly token?: string }): Promise<Response> {
    const said = Object.fromEntries(Object.entries(answers).map(([name, value]) => [name, String(value)]));
    const headers = { connection: "close" };
    return fetch(`http://127.0.0.1:${this.port}/control?${new URLSearchParams(said)}`, { headers });
  }
}

export async function startUpstream(): Promise<Upstream> {
  const upstream = new Upstream(await freePort());
  await upstream.start();
  return upstream;
}
