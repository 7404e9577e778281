import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import type { AppWide } from "@otel-health/testkit/conformance";

type Route = (request: IncomingMessage, response: ServerResponse) => unknown;

const routes: { readonly [methodAndUrl: string]: Route } = {
  "GET /orders": (_request, response) => response.end('["tea"]'),
  "POST /orders": async (request, response) => response.end(JSON.stringify(await json(request))),
  "GET /boom": () => {
    throw new Error("no tea");
  },
};

/** The application of a {@link Setup} in bare node:http, which has no framework to answer what goes wrong. */
export async function ordersApp(
  request: IncomingMessage,
  response: ServerResponse,
  appWide: AppWide | undefined,
): Promise<void> {
  const answer = (status: number) => void response.writeHead(status).end();
  try {
    if (appWide === "throws") throw new Error("no tea today");
    if (appWide === "refuses") return answer(401);
    if (appWide === "decorates") response.setHeaders(new Map(Object.entries({ "X-App": "on", ETag: '"app"' })));
    const route = routes[`${request.method} ${request.url}`];
    if (route === undefined) answer(404);
    else await route(request, response);
  } catch (error) {
    answer(error instanceof SyntaxError ? 400 : 500);
  }
}

/** Whether the application has a route for it. */
export function isOrders({ method, url }: IncomingMessage): boolean {
  return routes[`${method} ${url}`] !== undefined;
}
