/** Starts a service, asks it once, and prints what it answers. */
export async function serve({ createHealth, listenHealth, threshold }) {
  const health = createHealth({ checks: { queue: threshold(() => 3, { failAbove: 10 }) } });
  await health.start();
  await health.refresh();
  const server = await listenHealth(health, { host: "127.0.0.1" });
  const response = await fetch(`http://127.0.0.1:${server.port}/readyz`);
  process.stdout.write(`${response.status} ${(await response.json()).message}`);
  await server.close();
  await health.stop();
}
