import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { cpuStatFiles } from "../../src/capture/cpu-stat-files.ts";
import { MainThreadTimes } from "../../src/capture/thread-time.ts";

const version1 = "nr_periods 7\nnr_throttled 5\nthrottled_time 744392189\n";
const version2 = "usage_usec 9\nnr_periods 7\nnr_throttled 5\nthrottled_usec 744392\nnr_bursts 0\n";

/** A machine: a folder with files that stand for those of the kernel. `$` in a text is the folder. */
function machine(files: { readonly [file: string]: string }): { proc: string; at: (file: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), "machine-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text.replaceAll("$", folder));
  }
  return { proc: join(folder, "proc"), at: (file) => join(folder, file) };
}

const task = (pid: number, file: string) => `proc/self/task/${pid}/${file}`;
/** Lines of /proc/self/mountinfo: what of a hierarchy is mounted where. */
const mountOf1 = (root: string, point: string) => `30 25 0:26 ${root} ${point} rw - cgroup cgroup rw,cpu,cpuacct\n`;
const mountOf2 = (root: string, point: string) => `31 25 0:27 ${root} ${point} rw shared:9 - cgroup2 cgroup2 rw\n`;
const other = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n";

describe("cpuStatFiles()", () => {
  const filesOf = (cgroup: string, mountinfo: string) => {
    const { proc, at } = machine({ "proc/self/cgroup": cgroup, "proc/self/mountinfo": `${other}${mountinfo}` });
    return cpuStatFiles(proc).map((file) => relative(at(""), file));
  };

  it("finds those of version 2, the process's own and those above", () => {
    const mounts = mountOf2("/", "$/sys/fs/cgroup");
    expect(filesOf("0::/kubepods/pod1/app\n", mounts)).toEqual([
      "sys/fs/cgroup/kubepods/pod1/app/cpu.stat",
      "sys/fs/cgroup/kubepods/pod1/cpu.stat",
      "sys/fs/cgroup/kubepods/cpu.stat",
      "sys/fs/cgroup/cpu.stat",
    ]);
  });

  it("finds those of version 1 where the cpu controller is there", () => {
    const mounts = `${mountOf2("/", "$/unified")}${mountOf1("/", "$/cpu,cpuacct")}`;
    const cgroup = "12:memory:/a\n4:cpu,cpuacct:/b:c\n2:cpuset:/d\n0::/e\n";
    expect(filesOf(cgroup, mounts)).toEqual(["cpu,cpuacct/b:c/cpu.stat", "cpu,cpuacct/cpu.stat"]);
  });

  it("finds them in a container, whatever the mount shows of the hierarchy", () => {
    expect(filesOf("4:cpu:/docker/1f/init\n", mountOf1("/docker/1f", "$/cpu"))).toEqual([
      "cpu/init/cpu.stat",
      "cpu/cpu.stat",
    ]);
    expect(filesOf("0::/docker/1f\n", mountOf2("/docker/1f", "$/cg"))).toEqual(["cg/cpu.stat"]);
    expect(filesOf("0::/\n", mountOf2("/", "$/cg"))).toEqual(["cg/cpu.stat"]);
  });

  it("takes the mount that shows the cgroup, and reads escaped names", () => {
    const mounts = `${mountOf2("/docker/2", "$/no")}${mountOf2("/docker/1", "$/a\\040b\\134c")}`;
    expect(filesOf("0::/docker/1\n", mounts)).toEqual(["a b\\c/cpu.stat"]);
  });

  it.each([
    ["it is not mounted", "0::/a\n", ""],
    ["another version is mounted", "4:cpu:/a\n", mountOf2("/", "$/cg")],
    ["it is outside of what is mounted", "0::/docker/10\n", mountOf2("/docker/1", "$/cg")],
    ["it is outside of the namespace", "0::/../../init.scope\n", mountOf2("/", "$/cg")],
    ["there are no cgroups", "", mountOf2("/", "$/cg")],
    ["the lines are none", "x\n::\n0:\n", "x\n - \n31 25 0:27\n"],
  ])("finds none where %s", (_, cgroup, mountinfo) => {
    expect(filesOf(cgroup, mountinfo)).toEqual([]);
  });

  it("finds none where there is no /proc", () => {
    expect(cpuStatFiles("/nowhere")).toEqual([]);
  });
});

describe("MainThreadTimes", () => {
  const read = (files: { readonly [file: string]: string }) => {
    const times = new MainThreadTimes(machine(files).proc, 42);
    onTestFinished(() => times.close());
    return times.read();
  };

  it("reads what the kernel counts, and the state behind any name", () => {
    const files = {
      [task(42, "schedstat")]: "161356165 21675025 44\n",
      [task(42, "stat")]: "42 (no) R (de) S 1 42 42 0 -1 4194304 2151 0\n",
    };
    expect(read(files)).toEqual({ onCpuMs: 161.356165, queuedMs: 21.675025, state: "S" });
  });

  it("adds up what its cgroups were throttled", () => {
    const hierarchy = { "proc/self/cgroup": "0::/a\n", "proc/self/mountinfo": mountOf2("/", "$/cg") };
    const files = { ...hierarchy, "cg/a/cpu.stat": version2, "cg/cpu.stat": "usage_usec 9\n" };
    expect(read(files)).toEqual({ throttledMs: 744.392 });
    expect(read({ ...files, "cg/cpu.stat": version2 })).toEqual({ throttledMs: 2 * 744.392 });
  });

  it("knows the unit of version 1", () => {
    const hierarchy = { "proc/self/cgroup": "4:cpu:/a\n", "proc/self/mountinfo": mountOf1("/", "$/cpu") };
    expect(read({ ...hierarchy, "cpu/a/cpu.stat": version1 })).toEqual({ throttledMs: 744.392189 });
  });

  it.each([
    ["nothing", {}],
    ["nothing of a kernel that does not count", { [task(42, "schedstat")]: "0 0 0\n" }],
    ["nothing of what it cannot read", { [task(42, "schedstat")]: "?\n", [task(42, "stat")]: "?\n" }],
    ["nothing of a folder", { [task(42, "schedstat/x")]: "", [task(42, "stat/x")]: "" }],
    ["nothing of another thread", { [task(43, "schedstat")]: "1 1 1\n" }],
  ])("knows %s", (_, files) => {
    expect(read(files)).toEqual({});
  });

  it("reads anew each time", () => {
    const { proc, at } = machine({ [task(42, "schedstat")]: "1000000 2000000 1\n" });
    const times = new MainThreadTimes(proc, 42);
    onTestFinished(() => times.close());
    expect(times.read()).toEqual({ onCpuMs: 1, queuedMs: 2 });
    writeFileSync(at(task(42, "schedstat")), "3000000 4000000 1\n");
    expect(times.read()).toEqual({ onCpuMs: 3, queuedMs: 4 });
  });

  it.skipIf(process.platform !== "linux")("reads of this process that it has run", () => {
    const times = new MainThreadTimes();
    const { onCpuMs = 0, state } = times.read();
    times.close();
    expect(onCpuMs).toBeGreaterThan(0);
    expect(state).toMatch(/^[RSD]$/);
  });
});
