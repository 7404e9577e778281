import type { RenderedAnswer } from "@otel-health/core/worker";
import type { TripleReader, TripleWriter } from "./triple-buffer.ts";

/** What of an answer never changes: both threads know it from the start. */
export type AnswerPlan = Pick<RenderedAnswer, "paths" | "probe" | "format" | "statusCodes">;

/** All answers of one moment. */
export interface Publication {
  /** Why liveness fails; undefined while it does not. */
  readonly failure: string | undefined;
  /** The answer to one of the plans, by its number. */
  answer(plan: number): RenderedAnswer;
}

/** What stands before the bodies, as JSON. */
interface Head {
  readonly failure?: string | undefined;
  readonly answers: readonly AnswerHead[];
}

type AnswerHead = readonly [
  verdict: RenderedAnswer["verdict"],
  status: number,
  rawHeaders: readonly string[],
  bodyBytes: number,
];

/** The length of the head stands before it. */
const lengthBytes = 4;

/** Publishes answers in the order of their plans. Throws a `RangeError` where they are too long for the memory. */
export function publish(writer: TripleWriter, answers: readonly RenderedAnswer[], failure: string | undefined): void {
  const head: Head = {
    failure,
    answers: answers.map(({ verdict, response: { status, headers, rawHeaders } }) => [
      verdict,
      status,
      rawHeaders,
      Number(headers["Content-Length"]),
    ]),
  };
  const text = JSON.stringify(head);
  const headBytes = Buffer.byteLength(text);
  const bytes = head.answers.reduce((sum, [, , , bodyBytes]) => sum + bodyBytes, lengthBytes + headBytes);
  writer.publish(bytes, (block) => {
    let at = block.writeUInt32LE(headBytes);
    at += block.write(text, at);
    for (const { response } of answers) at += block.write(response.body, at);
  });
}

/** Reads what was published. Made once something was. */
export class PublicationReader {
  readonly #reader: TripleReader;
  readonly #plans: readonly AnswerPlan[];
  #block: Buffer;
  #publication: Publication;

  constructor(reader: TripleReader, plans: readonly AnswerPlan[]) {
    this.#reader = reader;
    this.#plans = plans;
    this.#block = reader.read();
    this.#publication = decode(this.#block, plans);
  }

  /** What was published last: the same object until something newer is. The one before is of no use from then on. */
  latest(): Publication {
    const block = this.#reader.read();
    if (block !== this.#block) {
      this.#block = block;
      this.#publication = decode(block, this.#plans);
    }
    return this.#publication;
  }
}

/** A body becomes a string when it is asked for: most of them never are. */
function decode(block: Buffer, plans: readonly AnswerPlan[]): Publication {
  let at = lengthBytes + block.readUInt32LE(0);
  const { failure, answers } = JSON.parse(block.toString("utf8", lengthBytes, at)) as Head;
  const starts = answers.map(([, , , bodyBytes]) => {
    at += bodyBytes;
    return at - bodyBytes;
  });
  const decoded: RenderedAnswer[] = [];
  const answer = (number: number): RenderedAnswer => {
    const plan = plans[number] as AnswerPlan;
    const [verdict, status, rawHeaders, bodyBytes] = answers[number] as AnswerHead;
    const start = starts[number] as number;
    const body = block.toString("utf8", start, start + bodyBytes);
    const headers: Record<string, string> = {};
    for (let i = 0; i < rawHeaders.length; i += 2) headers[rawHeaders[i] as string] = rawHeaders[i + 1] as string;
    return { ...plan, verdict, response: { status, headers, rawHeaders: [...rawHeaders], body } };
  };
  return { failure, answer: (number) => (decoded[number] ??= answer(number)) };
}
