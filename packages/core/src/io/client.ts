/**
 * Asking a device: one request, its own reply, and nothing else touched (IO-9).
 *
 * The device is watched while it is asked, so that one that ends makes the client fail and never wait for ever (IO-8).
 */
import { ArgumentError, DeviceError, OtpError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { ProcessControl } from "../process/control.ts";
import type { Host } from "../process/host.ts";
import { EOF, type Eof, type Process } from "../process/process.ts";
import { AwaitedReply, awaitReply, forgetReply } from "../process/replies.ts";
import type { RemoteName } from "../term/address.ts";
import { Pid } from "../term/pid.ts";
import { type IoRequest, isRefusal, textOf } from "./protocol.ts";

/** A process that takes I/O requests: a pid, a local name, a name on a node, or `"stderr"`. */
export type Device = Pid<never> | string | RemoteName;

/** In whose name I/O is done: a process, or a node for code outside any. A device itself will do when it is on this node. */
export type IoContext = Process | Host | Pid<never>;

/** A reply read into what the caller asked for. @throws ArgumentError for a reply that is an error. */
type ReadReply<Result> = (reply: unknown) => Result;

/** One request of a client. */
export interface Inquiry<Result> {
  /** The group leader when absent (IO-3). */
  readonly device: Device | undefined;
  readonly request: unknown;
  readonly read: ReadReply<Result>;
}

/**
 * The promise of an answer. When it fails and nobody waits for it, it ends its process, as output that fails always does in
 * Erlang, instead of becoming an unhandled rejection, which would end the program (JS-9).
 */
class Answer<Result> extends Promise<Result> {
  isObserved = false;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  override then<Fulfilled = Result, Rejected = never>(
    onfulfilled?: ((value: Result) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onrejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    this.isObserved = true;
    return super.then(onfulfilled, onrejected);
  }
}

/**
 * Performs a request in the name of `context`; requests of one process reach a device in the order of the calls.
 *
 * Rejects with a `DeviceError` when the device is dead or dies before it answers, an `ArgumentError` when there is no
 * device of that name or it answers with an error (IO-8).
 */
export function inquire<Result>(context: IoContext, inquiry: Inquiry<Result>): Promise<Result> {
  return inProcess(context, inquiry.device, (self, device) => ask(self, { ...inquiry, device }));
}

/** Does `work` in the process that the context is, or in one made for it. */
export function inProcess<Result>(
  context: IoContext,
  device: Device | undefined,
  work: (self: ProcessControl, device: Device | undefined) => Promise<Result>,
): Promise<Result> {
  if (context instanceof ProcessControl) return work(context, device);
  if (!(context instanceof Pid)) return outside(checkHost(context), (self) => work(self, device));
  if (device !== undefined) return Promise.reject(new ArgumentError("expected a process or a node before the device"));
  if (context.resident instanceof ProcessControl) {
    return outside(context.resident.kernel.host, (self) => work(self, context));
  }
  if (context.home.isLocal) return Promise.reject(terminated(context));
  return Promise.reject(
    new ArgumentError(
      `expected a process or a node before ${context}, a device on another node, to wait for its answer`,
    ),
  );
}

function checkHost(context: Process | Host): Host {
  if (typeof context === "object" && context !== null && "processes" in context) return context;
  throw new ArgumentError(`expected a process, a node or a device's pid. Got: ${show(context)}`);
}

/** Code outside any process has one made for it, whose end, should the node stop, it is told. */
function outside<Result>(host: Host, work: (self: ProcessControl) => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    host.spawn((self: Process) => {
      self.signal.addEventListener("abort", () => reject(terminated("the node")));
      if (!(self instanceof ProcessControl)) throw new ArgumentError(`expected a node. Got: ${show(host)}`);
      return work(self).then(resolve, reject);
    });
  });
}

function ask<Result>(self: ProcessControl, inquiry: Inquiry<Result>): Promise<Result> {
  self.assertAlive();
  let resolve: (result: Result) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const answer = new Answer<Result>((onResult, onError) => {
    resolve = onResult;
    reject = onError;
  });
  const fail = (error: unknown): void => {
    if (answer.isObserved) reject(error);
    else self.fail(error);
  };
  try {
    dispatch(self, inquiry, { resolve, fail });
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
    // Whoever awaits the promise says so in a microtask, and the failure has to come after it.
    self.kernel.runtime.defer(() => new AwaitedReply(self, fail).deliver(error));
  }
  return answer;
}

interface Outcome<Result> {
  readonly resolve: (result: Result) => void;
  readonly fail: (error: unknown) => void;
}

function dispatch<Result>(self: ProcessControl, inquiry: Inquiry<Result>, { resolve, fail }: Outcome<Result>): void {
  const device = find(self, inquiry.device);
  const { request, read } = inquiry;
  if (device instanceof Pid && self.kernel.isOwnPid(device) && self.kernel.find(device) === null) {
    throw terminated(device);
  }
  const ref = self.monitor(device);
  awaitReply(self, ref, (message) => {
    self.demonitor(ref, { flush: true });
    try {
      if (isReply(message)) resolve(read(message.reply));
      else fail(terminated(device));
    } catch (error) {
      fail(error);
    }
  });
  try {
    const stderr = inquiry.device === "stderr" ? { type: "stderr", request } : request;
    self.send(device, { type: "io_request", from: self.pid, replyAs: ref, request: stderr });
  } catch (error) {
    forgetReply(self, ref);
    self.demonitor(ref, { flush: true });
    throw error;
  }
}

function isReply(message: unknown): message is { readonly reply: unknown } {
  return typeof message === "object" && message !== null && "reply" in message;
}

/** Names of this node are looked up now: one that nobody has is a mistake, not a device that has ended (IO-8). */
function find(self: ProcessControl, device: Device | undefined): Pid | RemoteName {
  if (device === undefined) return self.groupLeader;
  if (device instanceof Pid) return self.kernel.localize(device);
  const name = device === "stderr" ? "user" : typeof device === "string" ? device : localName(self, device);
  if (name === null && typeof device === "object") return device;
  const pid = name === null ? undefined : self.whereis(name);
  if (pid !== undefined) return pid;
  throw new ArgumentError(
    `the device does not exist: expected a pid, a registered name or { name, node }. Got: ${show(device)}`,
  );
}

/** The name, when it is one of this node; null when it is one elsewhere. */
function localName(self: ProcessControl, device: RemoteName): string | null {
  if (
    typeof device !== "object" ||
    device === null ||
    typeof device.name !== "string" ||
    typeof device.node !== "string"
  ) {
    throw new ArgumentError(`expected a pid, a registered name or { name, node } as the device. Got: ${show(device)}`);
  }
  return device.node === self.kernel.own.name ? device.name : null;
}

function terminated(device: unknown): DeviceError {
  const name = device instanceof Pid ? String(device) : typeof device === "string" ? device : show(device);
  return new DeviceError("terminated", `the device has terminated: ${name}`);
}

/** Reads the answer to a write. */
export function readDone(reply: unknown): void {
  if (isRefusal(reply)) throw refused(reply.error);
}

/** Reads the answer to a read. */
export function readText(reply: unknown): string | Eof {
  if (reply === "eof") return EOF;
  const text = textOf(reply);
  if (text !== null) return text;
  throw refused(isRefusal(reply) ? reply.error : reply);
}

/** Gives the answer as it is, errors included. */
export function readRaw(reply: unknown): unknown {
  return reply;
}

function refused(error: unknown): OtpError {
  if (error === "terminated") return new DeviceError("terminated", "the device has terminated");
  return new ArgumentError(`the device refused the request: ${show(error)}`);
}

/** A request to write `data`. */
export function putChars(data: string): IoRequest {
  return { type: "put_chars", encoding: "unicode", data };
}
