import { stripVTControlCharacters, styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where the demo writes: plain lines, and in a terminal one more line below them that is redrawn. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  #status = "";
  #closed = false;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** Colours where the stream can show them and `NO_COLOR` does not forbid it. */
  paint(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#out });
  }

  line(text = ""): void {
    if (this.#closed) return;
    this.#erase();
    this.#out.write(`${text}\n`);
    this.#draw();
  }

  /** A line whose text, where it is longer than the terminal is wide, goes on below its beginning. */
  entry(label: string, text: string): void {
    const margin = " ".repeat(stripVTControlCharacters(label).length);
    const width = (this.#out.columns ?? Infinity) - margin.length - 1;
    for (const [index, piece] of wrap(text, Math.max(20, width)).entries())
      this.line((index === 0 ? label : margin) + this.#highlight(piece));
  }

  /** Replaces the line at the bottom; none where there is no terminal. */
  status(text: string): void {
    if (this.#closed || !this.#out.isTTY || text === this.#status) return;
    this.#erase();
    this.#status = text;
    this.#draw();
  }

  /** Removes the line at the bottom. What is written later is dropped. */
  close(): void {
    this.#erase();
    this.#closed = true;
  }

  /** A status at the beginning, and ids wherever they stand. */
  #highlight(text: string): string {
    return text
      .replace(/^[2-5]\d\d(?= |$)/, (status) => this.paint(status < "300" ? "green" : "red", status))
      .replace(/\b[0-9a-f]{32}\b/g, (id) => this.paint("magenta", id));
  }

  #erase(): void {
    if (this.#status !== "") this.#out.write("\r\u001b[2K");
  }

  #draw(): void {
    if (this.#status === "") return;
    // A line that wraps could not be erased.
    const plain = stripVTControlCharacters(this.#status);
    this.#out.write(plain.length < this.#out.columns ? this.#status : plain.slice(0, this.#out.columns - 1));
  }
}

/** Pieces of at most `width` characters, which end where a field or a word ends if one does. */
function wrap(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text];
  const end = Math.max(text.lastIndexOf(",", width - 1), text.lastIndexOf(" ", width - 1)) + 1 || width;
  return [text.slice(0, end), ...wrap(text.slice(end), width)];
}
