import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missing } from "../servers/require-server.ts";
import { ServiceManager } from "./service-manager.ts";

const program = join(import.meta.dirname, "notifying-process.ts");
const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write("\n!!! NOT ROOT: the tests with a systemd of their own are SKIPPED.\n");

/** Takes from a command what lets root send in another process's name: it is as any other user is to systemd. */
const unprivileged = "/usr/bin/setpriv --bounding-set -all";

describe.skipIf(!isRoot || missing("systemctl", "systemd-notify", "unshare", "setpriv"))(
  "a service of systemd's",
  { timeout: 120_000 },
  () => {
    let manager: ServiceManager;
    const groups = isRoot ? readFileSync("/proc/self/cgroup", "utf8") : "";
    beforeAll(async () => {
      manager = await ServiceManager.start();
    });
    afterAll(async () => {
      await manager?.[Symbol.asyncDispose]();
      // It must not have taken this process, or any other, into groups of its own.
      expect(readFileSync("/proc/self/cgroup", "utf8")).toBe(groups);
    });

    /** A unit with a folder of its own; `file` makes and takes away the files that its process looks at. */
    async function define(name: string, more: readonly string[] = [], { before = "", pings = "main" } = {}) {
      const folder = join(manager.folder, name);
      mkdirSync(folder);
      const command = `${before} ${process.execPath} ${program} ${folder} ${pings}`.trim();
      await manager.define(name, ["Type=notify", `ExecStart=${command}`, "TimeoutStopSec=5", ...more]);
      return {
        put: (file: string) => writeFileSync(join(folder, file), ""),
        take: (file: string) => rmSync(join(folder, file)),
      };
    }

    it("is active once it is ready, and says what it waits for and what is wrong", async () => {
      const files = await define("ready");
      await manager.order("start", "--no-block", "ready");
      await manager.waitFor("ready", { ActiveState: "activating", StatusText: /^starting: waiting for migrate/ });
      files.put("migrated");
      await manager.waitFor("ready", { ActiveState: "active", StatusText: "1 check is healthy" });
      files.put("down");
      await manager.waitFor("ready", { StatusText: /^postgres is unhealthy since 2\d\d\d-/ });
      files.take("down");
      await manager.waitFor("ready", { ActiveState: "active", StatusText: "1 check is healthy", NRestarts: "0" });
      await manager.order("stop", "ready");
    });

    it("is deactivating while it drains", async () => {
      const files = await define("draining");
      files.put("migrated");
      await manager.order("start", "draining");
      expect(await manager.show("draining")).toMatchObject({ ActiveState: "active" });
      files.put("drain");
      await manager.waitFor("draining", { ActiveState: "deactivating", StatusText: "draining" });
      await manager.order("stop", "draining");
    });

    it("lives on while it is watched, and is restarted once it is beyond repair", async () => {
      const files = await define("watched", ["WatchdogSec=3", "Restart=on-watchdog"]);
      files.put("migrated");
      await manager.order("start", "watched");
      const { MainPID: first } = await manager.show("watched");
      // Several times the watchdog's: an outage of what it depends on is none of systemd's business.
      files.put("down");
      await manager.waitFor("watched", { StatusText: /^postgres is unhealthy/ });
      files.take("down");
      await manager.waitFor("watched", { StatusText: "1 check is healthy", MainPID: first ?? "", NRestarts: "0" });
      files.put("broken");
      await manager.waitFor("watched", { NRestarts: /^[1-9]/ });
      files.take("broken");
      await manager.waitFor("watched", { ActiveState: "active", StatusText: "1 check is healthy" });
      expect((await manager.show("watched"))["MainPID"]).not.toBe(first);
      await manager.order("stop", "watched");
    });

    it("is restarted for a blocked loop where the main thread pings, and not where a worker does", async () => {
      const watched = ["WatchdogSec=3", "Restart=on-watchdog"];
      const [main, worker] = [await define("main", watched), await define("worker", watched, { pings: "worker" })];
      for (const files of [main, worker]) files.put("migrated");
      await manager.order("start", "main", "worker");
      const { MainPID: first } = await manager.show("worker");
      worker.put("blocked");
      main.put("blocked");
      await manager.waitFor("main", { NRestarts: /^[1-9]/ });
      // The other one has been blocked for longer.
      expect(await manager.show("worker")).toMatchObject({ ActiveState: "active", MainPID: first, NRestarts: "0" });
      for (const files of [main, worker]) files.take("blocked");
      await manager.order("stop", "main", "worker");
    });

    it("needs NotifyAccess=all where it is not privileged", async () => {
      const allowed = await define("allowed", ["NotifyAccess=all"], { before: unprivileged });
      allowed.put("migrated");
      await manager.order("start", "allowed");
      await manager.waitFor("allowed", { ActiveState: "active", StatusText: "1 check is healthy" });
      await manager.order("stop", "allowed");
      const refused = await define("refused", ["NotifyAccess=main", "TimeoutStartSec=3"], { before: unprivileged });
      refused.put("migrated");
      await expect(manager.order("start", "refused")).rejects.toThrow(/timeout/);
      expect(await manager.show("refused")).not.toHaveProperty("StatusText");
    });
  },
);
