const { execFileSync } = require("node:child_process");

/** Has another process ask a watchdog until it says that the event loop is blocked, which waiting for it does; prints the answer. */
exports.watch = async (load) => {
  const { createHealth } = await load("@otel-health/core");
  const { startWatchdog } = await load("@otel-health/watchdog");
  const health = createHealth();
  await health.start();
  const watchdog = await startWatchdog(health, { host: "127.0.0.1", blockedAfterMs: 400 });
  const ask = `(async () => {
    for (;;) {
      const report = await (await fetch("http://127.0.0.1:${watchdog.port}/livez")).json();
      if (report.blockedSince !== undefined) return console.log(report.status);
    }
  })()`;
  process.stdout.write(execFileSync(process.execPath, ["-e", ask]));
  await watchdog.close();
  await health.stop();
};
