import { demand, fail, type Outcome } from "@otel-health/core";

/** What an answer has to begin with, or to match. */
export type Expected = string | Uint8Array | RegExp;

/** Judges what was received so far; `more` where that cannot be said yet, which it always can at the end. */
export type Judge = (received: Buffer, isEnd: boolean) => Outcome | "more" | undefined;

/** Bytes of an answer beyond which nothing is looked for. */
const mostBytes = 65_536;
/** Bytes of an answer that are shown. */
const shownBytes = 60;

/** Throws `invalid_option` for what cannot be expected. */
export function expectation(where: string, expected: Expected): Judge {
  const isBytes = typeof expected === "string" || expected instanceof Uint8Array;
  const isGood = isBytes ? expected.length > 0 : expected instanceof RegExp;
  demand(isGood, `expect of ${where}`, "a string, bytes or a regular expression", expected);
  const isAsExpected = isBytes ? beginsWith(Buffer.from(expected)) : matches(expected);
  return (received, isEnd) => {
    const is = isAsExpected(received);
    if (is === true) return undefined;
    if (is === false || received.length >= mostBytes) return unexpected(received);
    return isEnd ? ended(received) : "more";
  };
}

type Comparison = (received: Buffer) => boolean | "more";

function beginsWith(expected: Buffer): Comparison {
  return (received) => {
    const length = Math.min(received.length, expected.length);
    if (!received.subarray(0, length).equals(expected.subarray(0, length))) return false;
    return length === expected.length || "more";
  };
}

function matches({ source, flags }: RegExp): Comparison {
  // With these it would go on where it stopped the last time.
  const pattern = new RegExp(source, flags.replace(/[gy]/g, ""));
  return (received) => pattern.test(received.subarray(0, mostBytes).toString()) || "more";
}

function unexpected(received: Buffer): Outcome {
  return fail(`it answered ${shown(received)}, which is not what was expected`, {
    errorType: "unexpected_answer",
    fault: "persistent",
    hint: "another service listens there, or it says that it is not well: look at its log",
  });
}

function ended(received: Buffer): Outcome {
  const after = received.length === 0 ? "without a word" : `after ${shown(received)}`;
  return fail(`it closed the connection ${after}`, {
    errorType: "closed",
    hint: "it takes connections and closes them: is it out of connections, stopping, or does it not like this host?",
  });
}

function shown(received: Buffer): string {
  return JSON.stringify(received.subarray(0, shownBytes).toString());
}
