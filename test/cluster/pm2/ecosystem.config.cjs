module.exports = {
  apps: [
    {
      name: "orders",
      script: "app.js",
      exec_mode: "cluster",
      instances: 2,
      wait_ready: true,
      // Longer than the drain: PM2 sends SIGINT, and SIGKILL after this many milliseconds.
      kill_timeout: 10_000,
    },
  ],
};
