import { type Attributes, SpanStatusCode } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { errorTypeOf, type FatedSpan, fateOf } from "../../src/calls/span-fate.ts";

function span(attributes: Attributes, isError: boolean, ...exceptions: Attributes[]): FatedSpan {
  return {
    attributes,
    status: { code: isError ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    duration: [1, 500_000_000],
    events: exceptions.map((of) => ({ attributes: of })),
  };
}

const failed = (errorType: string) => ["failed", errorType] as const;
const sql = { "db.system.name": "postgresql" };

describe("the fate of a call", () => {
  it.each<[string, FatedSpan, readonly [string, string?]]>([
    ["a span that says nothing", span({}, false), ["answered"]],
    ["an error without a word", span({}, true), failed("_OTHER")],
    ["an error with its type", span({ "error.type": "ECONNREFUSED" }, true), failed("ECONNREFUSED")],
    ["an exception's code", span({}, true, { "exception.type": "EPIPE" }), failed("EPIPE")],
    ["a caller that lost interest", span({ "error.type": "AbortError" }, true), ["given up"]],
    ["one that Node's code tells of", span({}, true, { "exception.type": "ABORT_ERR" }), ["given up"]],
    ["one of axios", span({ "error.type": "CanceledError" }, true), ["given up"]],
    ["an error whose name says nothing", span({ "error.type": "Error" }, true), failed("Error")],
    [
      "an error as the http instrumentation writes it",
      span({ "error.type": "Error" }, true, { "exception.type": "ECONNREFUSED" }),
      failed("ECONNREFUSED"),
    ],

    ["HTTP 200", span({ "http.response.status_code": 200 }, false), ["answered"]],
    ["HTTP 404, which is ERROR to a caller", span({ "http.response.status_code": 404 }, true), ["answered"]],
    ["HTTP 429", span({ "http.status_code": 429 }, true), ["answered"]],
    ["HTTP 503", span({ "http.response.status_code": 503, "error.type": "503" }, true), failed("503")],
    ["HTTP 500, by its old name", span({ "http.status_code": 500 }, true), failed("500")],
    ["HTTP 200 whose body broke off", span({ "http.response.status_code": 200 }, true), failed("_OTHER")],

    [
      "HTTP 200 whose body nobody waited for",
      span({ "http.response.status_code": 200, "error.type": "AbortError" }, true),
      ["answered"],
    ],

    ["gRPC OK", span({ "rpc.grpc.status_code": 0 }, false), ["answered"]],
    ["gRPC NOT_FOUND", span({ "rpc.grpc.status_code": 5 }, true), ["answered"]],
    ["gRPC CANCELLED", span({ "rpc.grpc.status_code": 1 }, true), ["cancelled"]],
    ["gRPC UNAVAILABLE", span({ "rpc.grpc.status_code": 14 }, true), failed("UNAVAILABLE")],
    [
      "gRPC by today's name",
      span({ "rpc.response.status_code": "DEADLINE_EXCEEDED" }, true),
      failed("DEADLINE_EXCEEDED"),
    ],
    ["Connect RPC", span({ "rpc.status_code": "unavailable" }, true), failed("UNAVAILABLE")],
    ["an RPC over HTTP", span({ "rpc.status_code": "13", "http.response.status_code": 200 }, true), failed("INTERNAL")],

    ["a duplicate key", span({ ...sql, "db.response.status_code": "23505" }, true), ["answered"]],
    ["a syntax error", span({ "db.system": "postgresql" }, true, { "exception.type": "42601" }), ["answered"]],
    ["too many connections", span({ ...sql, "db.response.status_code": "53300" }, true), failed("53300")],
    ["a shutdown", span({ ...sql, "error.type": "57P01" }, true), failed("57P01")],
    ["a standby that was a primary", span({ ...sql, "error.type": "25006" }, true), failed("25006")],
    [
      "a code in the text, as the pg instrumentation writes it",
      span(sql, true, { "exception.message": "PostgreSQL error of type 'error' occurred (code: 23505)" }),
      ["answered"],
    ],
    [
      "a network error in the text",
      span(sql, true, { "exception.message": "PostgreSQL error of type 'Error' occurred (code: ECONNREFUSED)" }),
      failed("ECONNREFUSED"),
    ],
    [
      "no code in the text",
      span(sql, true, { "exception.message": "PostgreSQL error of type 'Error' occurred (code: UNKNOWN)" }),
      failed("_OTHER"),
    ],
    ["EPIPE, which is as long as a SQLSTATE", span(sql, true, { "exception.type": "EPIPE" }), failed("EPIPE")],
    ["a SQLSTATE of what is no database", span({ "error.type": "23505" }, true), failed("23505")],
  ])("%s", (_what, given, [fate, errorType]) => {
    expect(fateOf(given)).toBe(fate);
    if (errorType !== undefined) expect(errorTypeOf(given)).toBe(errorType);
  });
});
