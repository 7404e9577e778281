import { createServer } from "node:http";

// A service that others depend on: `node upstream-process.ts <port>`. `/control?status=503` makes it answer so from then on,
// `/slow` is answered never, `token` is what it demands as `authorization`.

const [port] = process.argv.slice(2);
let status = 200;
let token: string | undefined;
let body = "{}";

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://upstream");
  if (pathname === "/control") {
    status = Number(searchParams.get("status") ?? status);
    token = searchParams.get("token") ?? token;
    body = searchParams.get("body") ?? body;
    response.end();
  } else if (pathname !== "/slow") {
    const refused = token !== undefined && request.headers.authorization !== token;
    response.writeHead(refused ? 401 : status, { "content-type": "application/json" }).end(body);
  }
}).listen(Number(port), "127.0.0.1");
// It ends with the process that started it.
process.stdin.once("end", () => process.exit(0)).resume();
