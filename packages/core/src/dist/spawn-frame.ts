/** The control messages of remote spawning: a request has options and a function, a reply has flags (NODE-13 … NODE-16). */
import * as Tag from "../codec/tags.ts";
import type { TermReader } from "../codec/term-reader.ts";
import type { TermWriter } from "../codec/term-writer.ts";
import type { Signal, SpawnWishes } from "../signal/signal.ts";
import type { Pid } from "../term/pid.ts";
import { isRemoteFunction, lookupRemote, remoteTerm } from "../term/remote-function.ts";

const linkedFlag = 1;
const monitoredFlag = 2;
const replyAtoms = { yes: "yes", no: "no", errorOnly: "error_only", successOnly: "success_only" } as const;

/** Writes the fields after the operation, and the arguments. */
export function writeSpawnRequest(writer: TermWriter, signal: Extract<Signal, { op: "spawnRequest" }>): void {
  const { link, monitor, reply } = signal.wishes;
  writer.writeRef(signal.ref);
  writer.writePid(signal.from);
  writer.writePid(signal.groupLeader);
  writer.writeTerm(lookupRemote(signal.fn), "function");
  writer.writeListHeader(1 + Number(link) + Number(monitor) + Number(reply !== undefined));
  writer.writeTupleHeader(2);
  writer.writeAtom("pid");
  writer.writePid(signal.pid);
  if (link) writer.writeAtom("link");
  if (monitor) writer.writeAtom("monitor");
  if (reply !== undefined) {
    writer.writeTupleHeader(2);
    writer.writeAtom("reply");
    writer.writeAtom(replyAtoms[reply]);
  }
  writer.writeNil();
  writer.writeTerm(signal.args, "arguments");
}

/** Reads what `writeSpawnRequest` writes. */
export function readSpawnRequest(reader: TermReader): Signal {
  const ref = reader.readRef();
  const from = reader.readPid();
  const groupLeader = reader.readPid();
  const functionAt = reader.offset;
  const fn = reader.readTerm();
  if (!isRemoteFunction(fn)) throw reader.bad("expected a function to spawn. Got: another term", functionAt);
  const optionsAt = reader.offset;
  const { pid, wishes } = readOptions(reader);
  if (pid === undefined) throw reader.bad("expected an option {pid, Pid}. Got: none", optionsAt);
  const argsAt = reader.offset;
  const args = reader.readTerm();
  if (!Array.isArray(args)) throw reader.bad("expected a list of arguments. Got: another term", argsAt);
  return { op: "spawnRequest", ref, pid, from, groupLeader, fn: fn[remoteTerm], args, wishes };
}

/** Writes the fields after the operation. */
export function writeSpawnReply(writer: TermWriter, signal: Extract<Signal, { op: "spawnReply" }>): void {
  writer.writeRef(signal.ref);
  writer.writePid(signal.to);
  writer.writeInteger((signal.link ? linkedFlag : 0) | (signal.monitor ? monitoredFlag : 0));
  if (typeof signal.result === "string") writer.writeAtom(signal.result);
  else writer.writePid(signal.result);
}

/** Reads what `writeSpawnReply` writes. */
export function readSpawnReply(reader: TermReader): Signal {
  const ref = reader.readRef();
  const to = reader.readPid();
  const flags = reader.readInteger();
  const result = reader.isAtomNext ? reader.readAtom() : reader.readPid();
  return {
    op: "spawnReply",
    ref,
    to,
    link: (flags & linkedFlag) !== 0,
    monitor: (flags & monitoredFlag) !== 0,
    result,
  };
}

interface Options {
  readonly pid: Pid | undefined;
  readonly wishes: SpawnWishes;
}

function readOptions(reader: TermReader): Options {
  let options: Options = { pid: undefined, wishes: { link: false, monitor: false } };
  const count = reader.readListHeader();
  for (let i = 0; i < count; i += 1) options = withOption(reader, options);
  if (count > 0) reader.readListEnd();
  return options;
}

function withOption(reader: TermReader, { pid, wishes }: Options): Options {
  const start = reader.offset;
  if (reader.nextTag !== Tag.SMALL_TUPLE) {
    const option = reader.readAtom();
    if (option === "link") return { pid, wishes: { ...wishes, link: true } };
    if (option === "monitor") return { pid, wishes: { ...wishes, monitor: true } };
    throw reader.bad(`expected link or monitor. Got: ${JSON.stringify(option)}`, start);
  }
  const arity = reader.readTupleHeader();
  const key = arity === 2 ? reader.readAtom() : "";
  if (key === "pid") return { pid: reader.readPid(), wishes };
  const reply = key === "reply" ? replyOf(reader.readAtom()) : undefined;
  if (reply === undefined) throw reader.bad("expected {pid, Pid} or {reply, When}. Got: another option", start);
  return { pid, wishes: { ...wishes, reply } };
}

function replyOf(atom: string): SpawnWishes["reply"] {
  switch (atom) {
    case "yes":
    case "no":
      return atom;
    case "error_only":
      return "errorOnly";
    case "success_only":
      return "successOnly";
    default:
      return undefined;
  }
}
