import { createHealth, gate } from "@otel-health/http";
import type { Framework, Serve } from "../frameworks/serve.ts";
import { answerParent, cpuUs } from "./answer-parent.ts";

/** Questions that the server answers. */
export type FrameworkServerAnswers = {
  /** Listens, with `/readyz` from the adapter and with the framework's own route `/orders` of the same body. */
  readonly listen: () => Promise<number>;
  readonly cpuUs: () => number;
};

/** As many checks as a service of some size has; gates, so that nothing runs meanwhile. */
const checks = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`dependency-${i}`, gate()]));

async function listen(): Promise<number> {
  const health = createHealth({ checks });
  await health.start();
  const { serve } = (await import(`../frameworks/${process.argv[2] as Framework}.ts`)) as { readonly serve: Serve };
  const orders = health.respond({ method: "GET", url: "/readyz" })?.body ?? "";
  const { port } = await serve(health, { orders, slow: async () => {} });
  return port;
}

answerParent({ listen, cpuUs } satisfies FrameworkServerAnswers);
