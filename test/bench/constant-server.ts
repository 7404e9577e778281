import type { AddressInfo } from "node:net";
import { answerParent, cpuUs } from "./answer-parent.ts";

/** The one answer that it has. */
export interface ConstantAnswer {
  readonly rawHeaders: string[];
  readonly body: string;
}

/** Questions that the server answers. */
export type ConstantServerAnswers = {
  /** Listens, and answers everything with this from now on; resolves with the port. */
  readonly listen: (constant: ConstantAnswer) => Promise<number>;
  readonly cpuUs: () => number;
};

/**
 * The least that node:http can be asked to do: no import of undici, no request bodies, one string, one flat array of
 * headers.
 */
async function listen({ rawHeaders, body }: ConstantAnswer): Promise<number> {
  const { createServer } = process.getBuiltinModule("node:http");
  // The time for which a connection is kept is a header too; it has to be the same.
  const server = createServer({ optimizeEmptyRequests: true, keepAliveTimeout: 15_000 }, (_request, response) => {
    response.writeHead(200, rawHeaders);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

answerParent({ listen, cpuUs } satisfies ConstantServerAnswers);
