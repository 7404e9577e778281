import type { Diagnosis } from "../dependency/diagnosis.ts";
import { networkFaults } from "../dependency/network-faults.ts";
import { diagnoseMysql } from "../mysql/diagnose.ts";
import { diagnosePostgres } from "../postgres/diagnose.ts";
import { prismaFaults } from "./prisma-faults.ts";

/** How far the wrappers around a driver's error are followed. */
const deepest = 6;

const exhausted: Diagnosis = {
  errorType: "pool_exhausted",
  hint: "no connection of the pool was free: slow queries, transactions that are not ended, or a pool that is too small; or the server takes none",
};

/** Errors of query builders that are none of a driver, by name. */
const names: { readonly [name: string]: Diagnosis } = {
  KnexTimeoutError: exhausted,
  SequelizeConnectionAcquireTimeoutError: exhausted,
};

/**
 * What an error of a query builder means: that of the driver's error which it wraps, or its own. Those of both databases
 * have codes of their own, so that none is taken for another's.
 */
export function diagnoseSql(error: unknown, errorType: string): Diagnosis | undefined {
  const chain = chainOf(error);
  for (const { link, type } of chain.toReversed()) {
    const known = diagnose(link, type);
    if (known !== undefined) return { errorType: type, ...known };
  }
  // A code of the driver says more than the name of what wraps it; what describes errors follows `cause` alone.
  const code = chain.findLast(({ type }) => isCode(type))?.type;
  return code === undefined || code === errorType ? undefined : { errorType: code };
}

function diagnose(link: object, type: string): Diagnosis | undefined {
  for (const table of [names, prismaFaults, networkFaults]) if (Object.hasOwn(table, type)) return table[type];
  return diagnosePostgres(link, type) ?? diagnoseMysql(link, type);
}

interface Link {
  readonly link: object;
  /** Its code, else its name. */
  readonly type: string;
}

interface Wrapper {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly errorCode?: unknown;
  readonly cause?: unknown;
  readonly original?: unknown;
  readonly parent?: unknown;
  readonly driverError?: unknown;
}

/** An error and what it wraps, the driver's last: `original` and `parent` are Sequelize's words, `driverError` TypeORM's. */
function chainOf(error: unknown): readonly Link[] {
  const chain: Link[] = [];
  let link = error;
  while (typeof link === "object" && link !== null && chain.length < deepest) {
    const { name, code, errorCode, cause, original, parent, driverError }: Wrapper = link;
    const type = [code, errorCode, name].find((word) => typeof word === "string" && word !== "") as string | undefined;
    chain.push({ link, type: type ?? "" });
    const outer: object = link;
    link = [cause, driverError, original, parent].find((inner) => isError(inner) && inner !== outer);
  }
  return chain;
}

function isError(value: unknown): boolean {
  return typeof value === "object" && value !== null && "message" in value;
}

/** An identifier or an SQLSTATE: never a message, an id or a host. */
function isCode(type: string): boolean {
  return /^[A-Z][A-Z0-9_]{1,40}$/.test(type) || (/^[0-9A-Z]{5}$/.test(type) && /\d/.test(type));
}
