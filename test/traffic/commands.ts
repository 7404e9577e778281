import { createInterface } from "node:readline";

/** Commands by name, and how they are carried out. What is given and answered travels as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: each command takes what it takes
export type Commands = { readonly [command: string]: (...given: any[]) => unknown };

/** The process's side: does what the lines of its stdin ask, one after the other, and ends with them. */
export function obey(commands: Commands): void {
  let last: Promise<void> = Promise.resolve();
  const lines = createInterface(process.stdin);
  lines.on("line", (line) => {
    const { id, command, given } = JSON.parse(line) as { id: number; command: string; given: unknown[] };
    last = last
      .then(() => commands[command]?.(...given))
      .then(
        (answer) => console.log(JSON.stringify({ id, answer: answer ?? null })),
        (error: unknown) => console.log(JSON.stringify({ id, failure: String(error) })),
      );
  });
  lines.on("close", () => process.exit());
  console.log("ready");
}
