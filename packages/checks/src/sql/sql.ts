import { demand, type FunctionCheck, fail, HealthError, type Outcome, type ScheduleOptions } from "@otel-health/core";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { noVerdict } from "../dependency/no-verdict.ts";
import { PromptAnswers } from "../dependency/prompt-answers.ts";
import { diagnoseSql } from "./diagnose.ts";

/**
 * Sends one query through what the application queries with, and returns its promise: `() => db.raw("SELECT 1")`. The
 * signal fires when the run is over, for drivers that can take a query back.
 */
export type SqlQuery<T> = (signal: AbortSignal) => PromiseLike<T>;

/** Options of {@link sql}: those of any check that is run, and one of its own. */
export interface SqlOptions<T = unknown> extends ScheduleOptions {
  /** Whether what the query resolved to is well; default any. Must not wait. */
  readonly expect?: (result: T) => boolean;
}

const where = "sql()";
const hint =
  "the query was not answered: is the server up or overloaded, is a connection of the pool free, and does a firewall drop packets?";

/**
 * A check of a database by any query of the application's own, through whatever it queries with: Knex, Drizzle, Kysely,
 * Prisma, TypeORM and their like. Errors of the drivers beneath are told apart. Throws `HealthError` where `query` is no
 * function, or for wrong options.
 */
export function sql<T>(query: SqlQuery<T>, options: SqlOptions<T> = {}): FunctionCheck {
  if (typeof query !== "function") {
    const expected = 'a function that runs a query, such as () => db.raw("SELECT 1")';
    throw new HealthError("invalid_option", `query of ${where} must be ${expected}`);
  }
  const { expect } = options ?? {};
  demand(expect === undefined || typeof expect === "function", `expect of ${where}`, "a function", expect);
  const answers = new PromptAnswers<Answer<T>>();
  return dependencyCheck(
    where,
    options,
    { expect: true },
    {
      hint,
      diagnose: diagnoseSql,
      run: async (context) => {
        const answer = await answers.ask(context, async () => answerOf(query(context.signal)));
        if (answer === undefined) return notSent();
        const verdict: unknown = expect === undefined || expect(answer.result);
        if (typeof verdict !== "boolean") return noVerdict("expect of sql()");
        if (verdict) return undefined;
        return fail("what the query resolved to is not what was expected", {
          errorType: "unexpected_result",
          hint: "look at what the query of this check returns now",
        });
      },
    },
  );
}

/** Wrapped, so that nothing can be told from a result of nothing. */
type Answer<T> = { readonly result: T } | undefined;

/** Undefined where there is nothing to wait for: many builders send nothing until they are told to. */
async function answerOf<T>(sent: PromiseLike<T>): Promise<Answer<T>> {
  if (typeof (sent as Partial<PromiseLike<T>> | null | undefined)?.then !== "function") return undefined;
  return { result: await sent };
}

function notSent(): Outcome {
  return fail("the function of the check returned no promise, so that nothing says whether a query was answered", {
    errorType: "no_promise",
    fault: "persistent",
    hint: "return the query, and execute it where its builder does not by itself; for a synchronous driver, make the function async",
  });
}
