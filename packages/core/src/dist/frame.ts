/**
 * Signals as Erlang's control messages in the External Term Format.
 *
 * ```
 *   send          {22, From, To}              + message     link         {1, From, To}
 *   sendName      {6, From, '', Name}         + message     unlink       {35, Id, From, To}
 *   sendAlias     {33, From, Alias}           + message     unlinkAck    {36, Id, From, To}
 *   linkExit      {24, From, To}              + reason      monitor      {19, From, To | Name, Ref}
 *   exit          {26, From, To}              + reason      demonitor    {20, From, To | Name, Ref}
 *   down          {28, From | Name, To, Ref}  + reason      groupLeader  {7, Leader, To}
 *   spawnRequest  {29, Ref, From, GroupLeader, Function, Options} + list of arguments
 *   spawnReply    {31, Ref, To, Flags, Pid | Reason}        flags: 1 linked, 2 monitored
 *   call          {200, From, To | Name, Alias, Type} + request; Erlang has no such operation
 * ```
 *
 * They stand one behind the other without version bytes or lengths; the format says itself where a term ends. Where Erlang
 * has `{M, F, Arity}` stands a function as the codec writes it. Options are `link`, `monitor`, `{reply, When}` and
 * `{pid, Pid}`, the pid that the spawner has given the new process.
 */
import { type ErrorClassRecord, ErrorClasses } from "../codec/error-classes.ts";
import { type Held, noneHeld } from "../codec/held.ts";
import type { SharedValue } from "../codec/sharing.ts";
import * as Tag from "../codec/tags.ts";
import { TermReader } from "../codec/term-reader.ts";
import { TermWriter } from "../codec/term-writer.ts";
import type { Signal } from "../signal/signal.ts";
import type { IdentityTable } from "../term/identity.ts";
import type { Pid } from "../term/pid.ts";
import { BatchWriter } from "./batch-writer.ts";
import type { SignalCodec, SignalEncoder } from "./signal-codec.ts";
import { readSpawnReply, readSpawnRequest, writeSpawnReply, writeSpawnRequest } from "./spawn-frame.ts";

/** The numbers of the control messages, by the names of the signals. */
export const op = {
  link: 1,
  sendName: 6,
  groupLeader: 7,
  monitor: 19,
  demonitor: 20,
  send: 22,
  linkExit: 24,
  exit: 26,
  down: 28,
  spawnRequest: 29,
  spawnReply: 31,
  sendAlias: 33,
  unlink: 35,
  unlinkAck: 36,
  call: 200,
} as const;

// To copy less is done in a moment, and then the sender may do with its bytes what it likes.
const holdFrom = 256 * 1024;

/** What a codec of signals is made of. */
export interface ErlangSignalsOptions {
  readonly identities: IdentityTable;
  /** Error classes, by name, that come back as themselves besides the built-in ones. */
  readonly errorClasses?: ErrorClassRecord;
  /** The largest signal in bytes, when it is written. Default 256 MiB. */
  readonly bytesMax?: number;
}

/** The codec of signals for one node. */
export class ErlangSignals implements SignalCodec {
  readonly #errorClasses: ErrorClasses;
  readonly #reader: TermReader;
  readonly #bytesMax: number;

  constructor({ identities, errorClasses, bytesMax = 256 * 1024 * 1024 }: ErlangSignalsOptions) {
    this.#errorClasses = new ErrorClasses(errorClasses);
    this.#reader = new TermReader(identities, this.#errorClasses);
    this.#bytesMax = bytesMax;
  }

  createEncoder(): SignalEncoder {
    // What waits in the buffer does not count against the next signal.
    return new BatchWriter(
      new TermWriter({ errorClasses: this.#errorClasses, bytesMax: this.#bytesMax + 1024 * 1024, holdFrom }),
      writeSignal,
    );
  }

  decode(bytes: Uint8Array, each: (signal: Signal) => boolean, held: readonly Held[] = noneHeld): void {
    const reader = this.#reader;
    const shared: SharedValue[] = [];
    try {
      if (held.length > 0) return void each(this.#decodeWhole(bytes, held));
      for (let at = 0; at < bytes.length;) {
        // Anew each time, for what `each` does may have used the reader.
        reader.reset(bytes, at);
        reader.shared = shared;
        const signal = readSignal(reader);
        at = reader.offset;
        if (signal !== undefined && !each(signal)) return;
      }
    } finally {
      reader.release();
      reader.shared = null;
    }
  }

  #decodeWhole(bytes: Uint8Array, held: readonly Held[]): Signal {
    const reader = this.#reader;
    reader.reset(bytes);
    reader.hold(held);
    reader.shared = [];
    try {
      let signal = readSignal(reader);
      while (signal === undefined) signal = readSignal(reader);
      reader.expectEnd();
      reader.expectNoneHeld();
      return signal;
    } finally {
      reader.hold(noneHeld);
    }
  }
}

function writeSignal(writer: TermWriter, signal: Signal): void {
  switch (signal.op) {
    case "send":
      head(writer, op.send, 3);
      writer.writePid(signal.from);
      writer.writePid(signal.to);
      return writer.writeTerm(signal.message);
    case "sendName":
      head(writer, op.sendName, 4);
      writer.writePid(signal.from);
      writer.writeAtom("");
      writer.writeAtom(signal.to);
      return writer.writeTerm(signal.message);
    case "sendAlias":
      head(writer, op.sendAlias, 3);
      writer.writePid(signal.from);
      writer.writePassingRef(signal.to);
      return writer.writeTerm(signal.message);
    case "call":
      head(writer, op.call, 5);
      writer.writePid(signal.from);
      pidOrName(writer, signal.to);
      writer.writePassingRef(signal.alias);
      writer.writeAtom(signal.type);
      return writer.writeTerm(signal.request, "message.request");
    case "link":
      return pair(writer, op.link, signal);
    case "unlink":
    case "unlinkAck":
      head(writer, op[signal.op], 4);
      writer.writeInteger(signal.id);
      writer.writePid(signal.from);
      return writer.writePid(signal.to);
    case "linkExit":
    case "exit":
      pair(writer, op[signal.op], signal);
      return writer.writeTerm(signal.reason, "reason");
    case "monitor":
    case "demonitor":
      head(writer, op[signal.op], 4);
      writer.writePid(signal.from);
      pidOrName(writer, signal.to);
      return writer.writeRef(signal.ref);
    case "down":
      head(writer, op.down, 4);
      pidOrName(writer, signal.from);
      writer.writePid(signal.to);
      writer.writeRef(signal.ref);
      return writer.writeTerm(signal.reason, "reason");
    case "groupLeader":
      return pair(writer, op.groupLeader, { from: signal.leader, to: signal.to });
    case "spawnRequest":
      head(writer, op.spawnRequest, 6);
      return writeSpawnRequest(writer, signal);
    case "spawnReply":
      head(writer, op.spawnReply, 5);
      return writeSpawnReply(writer, signal);
  }
}

function head(writer: TermWriter, code: number, arity: number): void {
  writer.writeTupleHeader(arity);
  writer.writeInteger(code);
}

function pair(writer: TermWriter, code: number, { from, to }: { readonly from: Pid; readonly to: Pid }): void {
  head(writer, code, 3);
  writer.writePid(from);
  writer.writePid(to);
}

function pidOrName(writer: TermWriter, target: Pid | string): void {
  if (typeof target === "string") writer.writeAtom(target);
  else writer.writePid(target);
}

// Undefined after a definition that stands alone, in front of a signal that was taken out of its batch.
function readSignal(reader: TermReader): Signal | undefined {
  const start = reader.offset;
  if (reader.nextTag === Tag.DEFINE) {
    reader.readShared(reader.readUint8());
    return undefined;
  }
  const arity = reader.readTupleHeader();
  const code = reader.readInteger();
  const signal = readFields(reader, code, arity);
  if (signal === undefined)
    throw reader.bad(`expected a control message. Got: operation ${code} of ${arity} fields`, start);
  return signal;
}

// Fields are read in the order in which they are written, so that is the order in which they stand here.
function readFields(reader: TermReader, code: number, arity: number): Signal | undefined {
  switch (code * 8 + arity) {
    case op.send * 8 + 3:
      return { op: "send", from: reader.readPid(), to: reader.readPid(), message: reader.readTerm() };
    case op.sendName * 8 + 4:
      return { op: "sendName", from: readPidBeforeNothing(reader), to: reader.readAtom(), message: reader.readTerm() };
    case op.sendAlias * 8 + 3:
      return { op: "sendAlias", from: reader.readPid(), to: reader.readPassingRef(), message: reader.readTerm() };
    case op.call * 8 + 5:
      return {
        op: "call",
        from: reader.readPid(),
        to: readPidOrName(reader),
        alias: reader.readPassingRef(),
        type: reader.readAtom(),
        request: reader.readTerm(),
      };
    case op.link * 8 + 3:
      return { op: "link", from: reader.readPid(), to: reader.readPid() };
    case op.unlink * 8 + 4:
      return { op: "unlink", id: reader.readInteger(), from: reader.readPid(), to: reader.readPid() };
    case op.unlinkAck * 8 + 4:
      return { op: "unlinkAck", id: reader.readInteger(), from: reader.readPid(), to: reader.readPid() };
    case op.linkExit * 8 + 3:
      return { op: "linkExit", from: reader.readPid(), to: reader.readPid(), reason: reader.readTerm() };
    case op.exit * 8 + 3:
      return { op: "exit", from: reader.readPid(), to: reader.readPid(), reason: reader.readTerm() };
    case op.monitor * 8 + 4:
      return { op: "monitor", from: reader.readPid(), to: readPidOrName(reader), ref: reader.readRef() };
    case op.demonitor * 8 + 4:
      return { op: "demonitor", from: reader.readPid(), to: readPidOrName(reader), ref: reader.readRef() };
    case op.down * 8 + 4:
      return {
        op: "down",
        from: readPidOrName(reader),
        to: reader.readPid(),
        ref: reader.readRef(),
        reason: reader.readTerm(),
      };
    case op.groupLeader * 8 + 3:
      return { op: "groupLeader", leader: reader.readPid(), to: reader.readPid() };
    case op.spawnRequest * 8 + 6:
      return readSpawnRequest(reader);
    case op.spawnReply * 8 + 5:
      return readSpawnReply(reader);
    default:
      return undefined;
  }
}

function readPidBeforeNothing(reader: TermReader): Pid {
  const pid = reader.readPid();
  reader.readAtom();
  return pid;
}

function readPidOrName(reader: TermReader): Pid | string {
  return reader.isAtomNext ? reader.readAtom() : reader.readPid();
}
