// What a service's own tests do: a check, a fake clock, an outage. Every package is in it.
exports.outage = async (core, testing, http, express, pino) => {
  const clock = new testing.FakeClock();
  let broken = false;
  const check = () => (broken ? core.fail("gone") : core.pass());
  const health = core.createHealth({
    clock,
    checks: { database: check, outbox: core.heartbeat({ maxAgeMs: 60_000 }) },
  });
  const messages = [];
  const logger = Object.fromEntries(
    ["debug", "info", "warn", "error"].map((level) => [level, (_fields, message) => messages.push(message)]),
  );
  pino.logTransitions(health, logger);
  const middleware = express.healthEndpoints(health);
  await health.start();
  health.checks.outbox.beat();
  await clock.advance(0);
  await testing.settle();
  const own = await http.listenHealth(health, { host: "127.0.0.1", clock });
  const before = (await fetch(`http://127.0.0.1:${own.port}/readyz`)).status;
  broken = true;
  await clock.advance(30_000);
  const after = health.respond({ method: "GET", url: "/readyz" }).status;
  await own.close();
  await health.stop();
  return { before, after, told: messages.includes("database is unhealthy"), middleware: typeof middleware };
};

exports.expected = {
  before: 200,
  after: 503,
  told: true,
  middleware: "function",
};
