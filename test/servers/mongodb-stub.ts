import { join } from "node:path";
import { freePort } from "@otel-health/testkit";
import { MongoClient } from "mongodb";
import { ServerProcess } from "./server-process.ts";

/** What the stub pretends to be. */
export type StubRole = "standalone" | "primary" | "secondary" | "recovering" | "arbiter" | "new";

/** Not MongoDB, which cannot be had here: a process that speaks enough of its protocol for the real driver. */
export class MongodbStub extends ServerProcess {
  readonly port: number;

  constructor(port: number) {
    super({
      name: "the stub of MongoDB",
      command: process.execPath,
      args: [join(import.meta.dirname, "mongodb-stub-process.ts"), String(port)],
      isUp: () => this.control({}),
    });
    this.port = port;
  }

  /** What it says from now on; with `cut` every connection is cut as well. */
  async control(state: { readonly role?: StubRole; readonly password?: string }, { cut = false } = {}): Promise<void> {
    const url = `mongodb://127.0.0.1:${this.port}/?directConnection=true`;
    const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000, maxPoolSize: 1 });
    try {
      await client
        .db("admin")
        .command({ control: state, cut })
        .catch((error: unknown) => {
          if (!cut) throw error;
        });
    } finally {
      await client.close();
    }
  }
}

export async function startMongodbStub(): Promise<MongodbStub> {
  const stub = new MongodbStub(await freePort());
  await stub.start();
  return stub;
}
