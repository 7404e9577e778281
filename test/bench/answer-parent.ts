/** Questions by name, and how they are answered. Questions and answers travel as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: each question takes what it takes
export type Answers = { readonly [question: string]: (...given: any[]) => unknown };

/** The contender's side: answers whatever the parent asks, and ends with it. */
export function answerParent(answers: Answers): void {
  process.on("message", async ({ id, question, given }: { id: number; question: string; given: unknown[] }) => {
    try {
      process.send?.({ id, answer: await answers[question]?.(...given) });
    } catch (error) {
      process.send?.({ id, failure: String(error) });
    }
  });
  process.on("disconnect", () => process.exit());
  process.send?.({ ready: true });
}

/** Microseconds of CPU that this process has used, all of its threads together. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
