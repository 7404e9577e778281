/** A SQLSTATE has five characters, and the errors of the network that have five have no digit. */
const shape = /^(?=.*\d)[0-9A-Z]{5}$/;

/**
 * Classes that say that the database can't do its work: connection exception (08), invalid authorization (28), invalid
 * catalog name (3D), insufficient resources (53), operator intervention (57), system error (58), configuration file
 * error (F0), internal error (XX).
 */
const troubles: ReadonlySet<string> = new Set(["08", "28", "3D", "53", "57", "58", "F0", "XX"]);

/** A write that met a read-only server: what is left of a primary after a failover. */
const readOnly = "25006";

/** Whether a code is a SQLSTATE, the answer of a database that speaks SQL. */
export function isSqlState(code: string): boolean {
  return shape.test(code);
}

/**
 * Whether a SQLSTATE says that the database is in trouble. All others are its answers to statements: a duplicate key
 * or a syntax error proves that it is there.
 */
export function isTrouble(sqlState: string): boolean {
  return troubles.has(sqlState.slice(0, 2)) || sqlState === readOnly;
}
