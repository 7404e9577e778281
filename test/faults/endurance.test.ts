import { describe, expect, it } from "vitest";
import { missing } from "../servers/require-server.ts";
import { endure } from "./endurance.ts";
import { allSubjects } from "./subjects.ts";

/** A leak of one object a run would be 64 bytes at least; what is not one levels off. */
const runs = 4_000;
const leakBytes = 0.9 * runs * 64;
/** What the driver and the runtime may gain while they warm up. */
const warmUpBytes = 1_000_000;

describe.concurrent.each(await allSubjects())("$name", ({ name, programs }) => {
  it.skipIf(missing(...programs))(
    `holds no more after ${runs} runs than after a tenth of them`,
    async () => {
      const { failed, firstFailure, early, late } = await endure(name, runs);
      expect(firstFailure).toBeUndefined();
      expect(failed).toBe(0);
      expect(late.listeners).toBe(early.listeners);
      expect(late.handles).toBeLessThanOrEqual(early.handles);
      expect(late.connections).toBeLessThanOrEqual(early.connections);
      expect(late.heapBytes - early.heapBytes).toBeLessThan(warmUpBytes + leakBytes);
    },
    300_000,
  );
});
