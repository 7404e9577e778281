import type { RenderedAnswer } from "@otel-health/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PublicationReader, publish } from "../../src/memory/publication.ts";
import { createTripleBuffer, TripleReader, TripleWriter } from "../../src/memory/triple-buffer.ts";
import { runs } from "../runs.ts";

/** An answer with a body of whatever text. */
function answerOf(body: string, header = "none"): RenderedAnswer {
  const rawHeaders = ["Content-Length", String(Buffer.byteLength(body)), "X-Header", header];
  const headers = { "Content-Length": String(Buffer.byteLength(body)), "X-Header": header };
  const response = { status: 503, rawHeaders, headers, body };
  const statusCodes = { healthy: 200, degraded: 299, unhealthy: 503 };
  return { paths: ["/readyz"], probe: "readiness", format: "text", verdict: "unhealthy", statusCodes, response };
}

/** Both sides of one buffer, with something published. */
function channel(answers: readonly RenderedAnswer[], maxBytes = 1_000_000) {
  const buffer = createTripleBuffer(maxBytes);
  const writer = new TripleWriter(buffer);
  publish(writer, answers, undefined);
  return { writer, reader: new PublicationReader(new TripleReader(buffer), answers) };
}

/** Text that is as long in bytes as UTF-8 makes it; lone surrogates are no text. */
const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme", maxLength: 2_000 }));

describe("a publication", () => {
  it("is read as it was written, whatever its texts", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, text), { maxLength: 20 }),
        fc.option(text, { nil: undefined }),
        (texts, failure) => {
          const answers = texts.map(([body, header]) => answerOf(body, header));
          const { writer, reader } = channel(answers);
          publish(writer, answers, failure);
          const publication = reader.latest();
          expect(publication.failure).toBe(failure);
          expect(answers.map((_, i) => publication.answer(i))).toEqual(answers);
        },
      ),
      runs(200),
    );
  });

  it("is the same object until something newer is published, and so are its answers", () => {
    const one = [answerOf("one")];
    const { writer, reader } = channel(one);
    const first = reader.latest();
    expect(first.answer(0)).toBe(first.answer(0));
    expect(reader.latest()).toBe(first);
    publish(writer, one, undefined);
    const second = reader.latest();
    expect(second).not.toBe(first);
    expect(second.answer(0)).toEqual(one[0]);
    for (const text of ["two", "three"]) publish(writer, [answerOf(text)], text);
    expect(reader.latest().answer(0).response.body).toBe("three");
    expect(reader.latest().failure).toBe("three");
  });

  it("that is too long is refused, and the one before stays", () => {
    const { writer, reader } = channel([answerOf("short")], 10_000);
    expect(() => publish(writer, [answerOf("x".repeat(10_000))], undefined)).toThrow(RangeError);
    expect(reader.latest().answer(0).response.body).toBe("short");
    publish(writer, [answerOf("y".repeat(9_000))], undefined);
    expect(reader.latest().answer(0).response.body).toHaveLength(9_000);
  });
});
