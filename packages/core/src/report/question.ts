/** What the query of a probe request says. */
export interface Question {
  /** `?verbose`: the caller would like to see everything. */
  readonly verbose: boolean;
  /** `?exclude=a&exclude=b` or `?exclude=a,b`: in order and each once, so that the same question has the same answer. */
  readonly exclude: readonly string[];
}

/** What a caller may write; the rest is not read. */
const longestQuery = 4_000;
const mostExcluded = 64;
const longestName = 63;

const nothing: Question = { verbose: false, exclude: [] };

/** Reads what stands behind the `?`. What it does not know is ignored, whatever it is. */
export function readQuestion(query: string): Question {
  if (query === "") return nothing;
  const parameters = new URLSearchParams(query.slice(0, longestQuery));
  const verbose = parameters.get("verbose");
  const names = parameters.getAll("exclude").flatMap((value) => value.split(","));
  const exclude = [...new Set(names.map((name) => name.trim().slice(0, longestName + 1)))].filter(
    (name) => name !== "",
  );
  if (verbose === null && exclude.length === 0) return nothing;
  return {
    verbose: verbose !== null && verbose !== "false" && verbose !== "0",
    exclude: exclude.slice(0, mostExcluded).sort(),
  };
}
