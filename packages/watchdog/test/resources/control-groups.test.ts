import type { RunContext } from "@otel-health/core";
import { memoryUsed } from "@otel-health/watchdog";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { limitedGroups } from "../../src/resources/control-groups.ts";
import { usedMemory } from "../../src/resources/memory-used.ts";

const MiB = 2 ** 20;
const machine = 8_192 * MiB;
const noLimit1 = "9223372036854771712\n";

const mountsOfV2 = "35 24 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
const mountsOfV1 = [
  "22 1 254:0 / / rw,relatime - ext4 /dev/root rw",
  "31 30 0:28 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu",
  "34 30 0:31 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory",
  "40 30 0:37 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
].join("\n");

type Files = Readonly<Record<string, string>>;

const groupsOf = (files: Files) => limitedGroups((path) => files[path], machine);

function group2(folder: string, max: string, current = 0, stat = ""): Files {
  return {
    [`${folder}/memory.max`]: max,
    [`${folder}/memory.current`]: `${current}\n`,
    [`${folder}/memory.stat`]: stat,
  };
}

function group1(folder: string, limit: string, usage = 0, stat = ""): Files {
  return {
    [`${folder}/memory.limit_in_bytes`]: limit,
    [`${folder}/memory.usage_in_bytes`]: `${usage}\n`,
    [`${folder}/memory.stat`]: stat,
  };
}

describe("limitedGroups", () => {
  it("reads version 2, and takes off what the kernel can take back", () => {
    const stat = `anon ${90 * MiB}\nactive_file ${6 * MiB}\ninactive_file ${3 * MiB}\nslab_reclaimable ${1 * MiB}\n`;
    const files = {
      "/proc/self/cgroup": "0::/app.slice/orders.service\n",
      "/proc/self/mountinfo": mountsOfV2,
      ...group2("/sys/fs/cgroup/app.slice/orders.service", `${200 * MiB}\n`, 100 * MiB, stat),
      ...group2("/sys/fs/cgroup/app.slice", "max\n", 400 * MiB),
    };
    expect(groupsOf(files)).toEqual([{ limitBytes: 200 * MiB, usedBytes: 90 * MiB }]);
  });

  it("sees the limit of a group around its own, with what all in that use", () => {
    const files = {
      "/proc/self/cgroup": "0::/kubepods/pod1/app\n",
      "/proc/self/mountinfo": mountsOfV2,
      ...group2("/sys/fs/cgroup/kubepods/pod1/app", "max\n", 10 * MiB),
      ...group2("/sys/fs/cgroup/kubepods/pod1", `${64 * MiB}\n`, 60 * MiB),
    };
    expect(groupsOf(files)).toEqual([{ limitBytes: 64 * MiB, usedBytes: 60 * MiB }]);
  });

  it("reads the root of a container that has a group namespace of its own", () => {
    const files = {
      "/proc/self/cgroup": "0::/\n",
      "/proc/self/mountinfo": mountsOfV2,
      ...group2("/sys/fs/cgroup", `${64 * MiB}\n`, 6 * MiB),
    };
    expect(groupsOf(files)).toEqual([{ limitBytes: 64 * MiB, usedBytes: 6 * MiB }]);
  });

  it("reads version 1 beside version 2, and leaves a limit alone that is none", () => {
    const files = {
      "/proc/self/cgroup": "9:name=systemd:/\n4:memory:/pods/app\n1:cpu,cpuacct:/pods/app\n0::/\n",
      "/proc/self/mountinfo": mountsOfV1,
      ...group1(
        "/sys/fs/cgroup/memory/pods/app",
        `${100 * MiB}\n`,
        50 * MiB,
        `total_active_file ${5 * MiB}\ntotal_inactive_file ${5 * MiB}\nactive_file ${1 * MiB}\n`,
      ),
      ...group1("/sys/fs/cgroup/memory/pods", noLimit1, 500 * MiB),
      ...group1("/sys/fs/cgroup/memory", noLimit1, 900 * MiB),
    };
    expect(groupsOf(files)).toEqual([{ limitBytes: 100 * MiB, usedBytes: 40 * MiB }]);
  });

  it("hears of the limit of a group that it cannot see, in version 1", () => {
    const files = {
      "/proc/self/cgroup": "4:memory:/docker/abc\n",
      // A container without a namespace: what is mounted is its own group.
      "/proc/self/mountinfo": "34 30 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
      ...group1("/sys/fs/cgroup/memory", noLimit1, 30 * MiB, `hierarchical_memory_limit ${128 * MiB}\n`),
    };
    expect(groupsOf(files)).toEqual([{ limitBytes: 128 * MiB, usedBytes: 30 * MiB }]);
  });

  it("stays inside of what is mounted", () => {
    for (const path of ["/../../elsewhere", "/other/group", "/docker/abcdef"]) {
      const files = {
        "/proc/self/cgroup": `4:memory:${path}\n`,
        "/proc/self/mountinfo": "34 30 0:31 /docker/abc /sys/fs/my\\040cgroup rw - cgroup cgroup rw,memory\n",
        ...group1("/sys/fs/my cgroup", `${128 * MiB}\n`, 30 * MiB),
      };
      expect(groupsOf(files)).toEqual([{ limitBytes: 128 * MiB, usedBytes: 30 * MiB }]);
    }
  });

  it.each(["max\n", "0\n", noLimit1, `${machine}\n`, "18446744073709551615\n", "-1\n", "", "what?\n"])(
    "takes %j for no limit",
    (max) => {
      const files = {
        "/proc/self/cgroup": "0::/app\n",
        "/proc/self/mountinfo": mountsOfV2,
        ...group2("/sys/fs/cgroup/app", max, 10 * MiB),
      };
      expect(groupsOf(files)).toEqual([]);
    },
  );

  it("knows of no use where it is not told", () => {
    const files = {
      "/proc/self/cgroup": "0::/app\n",
      "/proc/self/mountinfo": mountsOfV2,
      "/sys/fs/cgroup/app/memory.max": `${64 * MiB}\n`,
    };
    expect(groupsOf(files)).toEqual([{ limitBytes: 64 * MiB, usedBytes: undefined }]);
    expect(usedMemory((path) => (files as Files)[path], machine, 32 * MiB).share).toBe(0.5);
  });

  it("finds nothing where there is no /proc", () => {
    expect(groupsOf({})).toEqual([]);
  });

  it("throws for nothing that a file may hold", () => {
    const files = fc.dictionary(
      fc.constantFrom(
        "/proc/self/cgroup",
        "/proc/self/mountinfo",
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory.current",
        "/sys/fs/cgroup/memory.stat",
      ),
      fc.oneof(fc.string(), fc.constantFrom("0::/a\n", mountsOfV2, "4:memory:\n", "1 2 3 4 5 - cgroup2 x y", "12\n")),
    );
    fc.assert(
      fc.property(files, (some) => {
        for (const { limitBytes } of groupsOf(some)) expect(limitBytes).toBeGreaterThan(0);
      }),
    );
  });
});

describe("memoryUsed", () => {
  it("does not take memory that cannot be read for memory without a limit", () => {
    vi.spyOn(process.memoryUsage, "rss").mockImplementation(() => {
      throw Object.assign(new Error("too many open files"), { code: "EMFILE" });
    });
    expect(memoryUsed().run({} as RunContext)).toEqual({
      status: "pass",
      message: "the memory in use cannot be told: EMFILE",
    });
    vi.restoreAllMocks();
  });
});

describe("usedMemory", () => {
  it("tells of the group that has the least left", () => {
    const files: Files = {
      "/proc/self/cgroup": "0::/pod/app\n",
      "/proc/self/mountinfo": mountsOfV2,
      ...group2("/sys/fs/cgroup/pod/app", `${100 * MiB}\n`, 50 * MiB),
      ...group2("/sys/fs/cgroup/pod", `${200 * MiB}\n`, 190 * MiB),
    };
    expect(usedMemory((path) => files[path], machine, 40 * MiB)).toEqual({
      share: 0.95,
      text: "the control group's memory is at 95.0 % of its limit, 190.0 MiB of 200.0 MiB; RSS is 40.0 MiB",
    });
  });

  it("compares with the machine where there is no limit, and says so", () => {
    expect(usedMemory(() => undefined, machine, 819.2 * MiB)).toEqual({
      share: 0.1,
      text: "no memory limit; RSS is 819.2 MiB, 10.0 % of the machine's 8.0 GiB",
    });
  });
});
