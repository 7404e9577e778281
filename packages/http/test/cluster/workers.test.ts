import { describe, expect, it } from "vitest";
import { readWorkerMessage, type WorkerMessage } from "../../src/cluster/worker-message.ts";
import { judgeWorkers, type WorkerState } from "../../src/cluster/workers.ts";

const demands = { probe: "readiness", count: 3, atLeast: 3, staleAfterMs: 5_000 };
const ready: WorkerMessage = {
  "otel-health": 1,
  lifecycle: "ready",
  verdicts: { readiness: "healthy", liveness: "healthy" },
};
const wall = Date.UTC(2026, 10, 22, 13);
const since = 1_000;
const now = since + 60_000;

function worker(id: number, state: Partial<WorkerState> = {}): WorkerState {
  return { id, pid: 100 + id, told: ready, heardAt: now, heardWallTime: wall, ended: undefined, ...state };
}

describe("judgeWorkers", () => {
  it.each<[what: string, odd: Partial<WorkerState>, outcome: string, message: string]>([
    ["nothing", {}, "pass", "3 of 3 workers are ready"],
    [
      "a degraded one",
      { told: { ...ready, verdicts: { readiness: "degraded" } } },
      "warn",
      "3 of 3 workers are ready: worker 3 (pid 103) is degraded",
    ],
    [
      "an unhealthy one",
      { told: { ...ready, verdicts: { readiness: "unhealthy" } } },
      "fail",
      "2 of 3 workers are ready: worker 3 (pid 103) is unhealthy",
    ],
    [
      "one that drains",
      { told: { ...ready, lifecycle: "draining", verdicts: { readiness: "unhealthy" } } },
      "fail",
      "2 of 3 workers are ready: worker 3 (pid 103) is draining",
    ],
    [
      "one that starts",
      { told: { ...ready, lifecycle: "starting", verdicts: { readiness: "unhealthy" } } },
      "fail",
      "2 of 3 workers are ready: worker 3 (pid 103) is starting",
    ],
    [
      "one that has not said anything",
      { told: undefined },
      "fail",
      "2 of 3 workers are ready: worker 3 (pid 103) is starting",
    ],
    [
      "a dead one",
      { ended: "was ended by SIGKILL" },
      "fail",
      "2 of 3 workers are ready: worker 3 (pid 103) was ended by SIGKILL",
    ],
    [
      "a silent one",
      { heardAt: now - 5_000 },
      "fail",
      "2 of 3 workers are ready: worker 3 (pid 103) was not heard of since 2026-11-22T13:00:00.000Z",
    ],
    ["one that is only late", { heardAt: now - 4_999 }, "pass", "3 of 3 workers are ready"],
    [
      "one that has no such probe",
      { told: { ...ready, verdicts: {} } },
      "fail",
      "2 of 3 workers are ready: worker 3 (pid 103) has no probe readiness",
    ],
    [
      "one without a process",
      { pid: undefined, ended: "exited with 1" },
      "fail",
      "2 of 3 workers are ready: worker 3 exited with 1",
    ],
  ])("sees %s among three", (_what, odd, outcome, message) => {
    expect(judgeWorkers([worker(1), worker(2), worker(3, odd)], demands, since, now)).toEqual({ outcome, message });
    const quorum = judgeWorkers([worker(1), worker(2), worker(3, odd)], { ...demands, atLeast: 2 }, since, now);
    expect(quorum).toEqual({ outcome: outcome === "fail" ? "warn" : outcome, message });
  });

  it("takes no property of every object for a probe's verdict", () => {
    const one = { ...demands, count: 1, atLeast: 1, probe: "constructor" };
    expect(judgeWorkers([worker(1)], one, since, now)).toEqual({
      outcome: "fail",
      message: "0 of 1 workers are ready: worker 1 (pid 101) has no probe constructor",
    });
  });

  it("looks at the probe that it is asked for, whatever the lifecycle", () => {
    const starting: WorkerMessage = {
      ...ready,
      lifecycle: "starting",
      verdicts: { readiness: "unhealthy", liveness: "healthy" },
    };
    const workers = [1, 2, 3].map((id) => worker(id, { told: starting }));
    expect(judgeWorkers(workers, { ...demands, probe: "liveness" }, since, now).outcome).toBe("pass");
  });

  it("misses workers that there should be and that nobody forked", () => {
    expect(judgeWorkers([worker(1)], demands, since, now)).toEqual({
      outcome: "fail",
      message: "1 of 3 workers are ready",
    });
  });

  it("says nothing while all that is missing has only begun, until that took too long", () => {
    const workers = [worker(1), worker(2, { told: undefined })];
    expect(judgeWorkers([], demands, since, since).outcome).toBe("open");
    expect(judgeWorkers(workers, demands, now, now + 100).outcome).toBe("open");
    expect(judgeWorkers([...workers, worker(3, { ended: "exited with 1" })], demands, now, now + 100).outcome).toBe(
      "fail",
    );
    expect(
      judgeWorkers(
        workers.map((one) => ({ ...one, heardAt: now + 5_000 })),
        demands,
        now,
        now + 5_000,
      ).outcome,
    ).toBe("fail");
  });

  it("names three and counts the rest", () => {
    const workers = Array.from({ length: 40 }, (_, i) => worker(i, { ended: "exited with 1" }));
    const { message } = judgeWorkers(workers, { ...demands, count: 40, atLeast: 40 }, since, now);
    expect(message).toBe(
      "0 of 40 workers are ready: worker 0 (pid 100) exited with 1, worker 1 (pid 101) exited with 1, worker 2 (pid 102) exited with 1 and 37 more",
    );
  });
});

describe("readWorkerMessage", () => {
  it.each([undefined, null, 7, "ready", [], {}, { cmd: "x" }])("leaves %j to the application", (message) => {
    expect(readWorkerMessage(message)).toBe("foreign");
  });

  it.each([
    { "otel-health": 2 },
    { ...ready, lifecycle: "asleep" },
    { ...ready, verdicts: null },
    { ...ready, verdicts: ["healthy"] },
    { ...ready, verdicts: { readiness: "fine" } },
    { "otel-health": 1, end: true },
  ])("cannot read %j", (message) => {
    expect(readWorkerMessage(message)).toBe("unreadable");
  });

  it("reads its own", () => {
    expect(readWorkerMessage(ready)).toBe(ready);
  });
});
