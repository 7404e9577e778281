import { writeFile } from "node:fs/promises";
import { Child, until } from "@otel-health/testkit";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** A real balancer in front of backends, on loopback. */
export interface Balancer extends AsyncDisposable {
  readonly url: string;
  /** What it has said so far. */
  readonly output: () => string;
}

/** How one is started. */
export interface BalancerOptions {
  readonly name: string;
  readonly port: number;
  /** Its configuration, once its folder is known. */
  readonly config: (folder: string) => string;
  readonly command: string;
  readonly args: (configFile: string, folder: string) => readonly string[];
}

/** Starts it and resolves when it listens. */
export async function startBalancer({ name, port, config, command, args }: BalancerOptions): Promise<Balancer> {
  const folder: TemporaryFolder = await temporaryFolder(name);
  const configFile = `${folder.path}/${name}.conf`;
  await writeFile(configFile, config(folder.path), { mode: 0o644 });
  const { PATH, ...env } = process.env;
  const child = new Child({
    command,
    args: args(configFile, folder.path),
    env: { ...env, PATH: `${PATH}:/usr/sbin`, HOME: folder.path },
    cwd: folder.path,
  });
  const url = `http://127.0.0.1:${port}`;
  const balancer: Balancer = {
    url,
    output: () => child.output,
    async [Symbol.asyncDispose]() {
      await child.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
  try {
    await until(() => fetch(url).then((response) => response.body?.cancel().then(() => true) ?? true), {
      describe: () => `${name} listens: ${child.output}`,
      timeoutMs: 20_000,
    });
    return balancer;
  } catch (error) {
    await balancer[Symbol.asyncDispose]();
    throw error;
  }
}
