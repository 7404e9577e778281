// A name server that knows what its settings say: `node dns-process.ts <port> <settings file>`.
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import type { DnsSettings } from "./name-server.ts";

const types: { readonly [number: number]: "A" | "TXT" } = { 1: "A", 16: "TXT" };
const codes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

const [port, file = ""] = process.argv.slice(2);
let dropped = 0;
const socket = createSocket("udp4");
socket.on("message", (query, { address, port: from }) => {
  const { names, code, delayMs, cut, lost } = JSON.parse(readFileSync(file, "utf8")) as DnsSettings;
  if (dropped < lost) {
    dropped++;
    return;
  }
  const { name, type, end } = readQuestion(query);
  const records = names[name];
  const answers = (records?.[types[type] ?? "A"] ?? []).map((record) => encode(type, record));
  const header = Buffer.from(query.subarray(0, 12));
  const result = code === "NOERROR" && records === undefined ? "NXDOMAIN" : code;
  header.writeUInt16BE(0x8180 | codes[result], 2);
  header.writeUInt16BE(result === "NOERROR" ? answers.length : 0, 6);
  // Whatever EDNS asked for is ignored.
  header.writeUInt32BE(0, 8);
  const answer = Buffer.concat([header, query.subarray(12, end), ...(result === "NOERROR" ? answers : [])]);
  const sent = cut ? answer.subarray(0, answer.length - 5) : answer;
  setTimeout(() => socket.send(sent, from, address), delayMs);
});
socket.bind(Number(port), "127.0.0.1");

function readQuestion(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString("latin1"));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function encode(type: number, record: string): Buffer {
  const data =
    type === 1
      ? Buffer.from(record.split(".").map(Number))
      : Buffer.concat([Buffer.from([record.length]), Buffer.from(record)]);
  // The name is the one that was asked for; the answer may be kept for no time at all.
  const head = Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
