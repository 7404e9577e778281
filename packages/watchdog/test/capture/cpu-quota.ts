import { accessSync, constants, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@otel-health/testkit";
import { onTestFinished } from "vitest";

/** Where version 1 of cgroups keeps its quotas. */
const controller = "/sys/fs/cgroup/cpu";

/**
 * Whether no cgroup with a CPU quota can be made here, for `describe.skipIf()`. Says so on stderr, where the console
 * trap does not listen.
 */
export function hasNoQuota(): boolean {
  try {
    accessSync(join(controller, "cpu.cfs_quota_us"), constants.W_OK);
    return false;
  } catch (error) {
    process.stderr.write(`\n!!! NOT TRIED: a process with a CPU quota (${error}). Its tests are SKIPPED.\n`);
    return true;
  }
}

/** Makes a cgroup of which a process gets a twentieth of a CPU, for one test; what puts itself into it is to be told. */
export function twentiethOfACpu(name: string): string {
  const folder = join(controller, `otel-health-${process.pid}-${name}`);
  mkdirSync(folder);
  // The processes in it have been waited for, but the kernel may take its time.
  const remove = () => {
    rmdirSync(folder);
    return true;
  };
  onTestFinished(async () => void (await until(remove, { describe: `the end of ${folder}` })));
  writeFileSync(join(folder, "cpu.cfs_period_us"), "100000");
  writeFileSync(join(folder, "cpu.cfs_quota_us"), "5000");
  return folder;
}
