/**
 * The process that calls on behalf of a node: it starts a process for each call, is linked to it so that either hears of the
 * other's end, and is sent the outcome. It is started by the first call.
 */
import type { Body } from "../process/body.ts";
import type { ProcessControl } from "../process/control.ts";
import type { Kernel } from "../process/kernel.ts";
import { addLink } from "../process/links.ts";
import { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import { remoteTerm } from "../term/remote-function.ts";
import { Alarm } from "./patience.ts";
import type { RpcFailure } from "./remote-error.ts";
import { isRpcReply, type Outcome, type RpcOrder, runOrder } from "./rpc-worker.ts";

/** What has become of a call: what the function did, how its process was ended, or why that cannot be told. */
export type CallEnd =
  | Outcome
  | { readonly type: "signal"; readonly reason: unknown }
  | { readonly type: "failure"; readonly failure: RpcFailure };

/** What to call where. */
export interface CallOrder extends Omit<RpcOrder, "caller"> {
  readonly node: string;
  readonly done: (end: CallEnd) => void;
}

/** A call under way. */
export interface OpenCall {
  /** Ends it: the outcome is dropped, and the process of the function is killed. */
  cancel(): void;
}

class Call implements OpenCall {
  readonly ref: Ref;
  readonly pid: Pid;
  readonly done: (end: CallEnd) => void;
  readonly #agent: RpcAgent;
  deadline: Alarm | null = null;

  constructor(agent: RpcAgent, ref: Ref, pid: Pid, done: (end: CallEnd) => void) {
    this.#agent = agent;
    this.ref = ref;
    this.pid = pid;
    this.done = done;
  }

  cancel(): void {
    this.#agent.cancel(this);
  }
}

/** The calls of one node. */
export class RpcAgent implements Body {
  readonly #kernel: Kernel;
  readonly #process: ProcessControl;
  readonly #byRef = new Map<Ref, Call>();
  readonly #byPid = new Map<Pid, Call>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#process = kernel.spawn(this, kernel.leader);
    this.#process.setTrapping(true);
    this.#process.label = "rpc";
    this.#process.onEnd(() => {
      for (const call of this.#byRef.values()) this.#close(call, { type: "failure", failure: "noconnection" });
    });
  }

  get isAlive(): boolean {
    return this.#process.isAlive;
  }

  start(): void {}

  /** Begins a call. @throws CodecError when it cannot be told to the other node. */
  call({ node, done, ...order }: CallOrder): OpenCall {
    const kernel = this.#kernel;
    const ref = kernel.makeRef();
    const isHere = node === kernel.own.name;
    const sent: RpcOrder = { ...order, caller: { pid: this.#process.pid, ref } };
    const pid = isHere ? this.#startHere(sent) : this.#startThere(node, ref, sent);
    const call = new Call(this, ref, pid, done);
    this.#byRef.set(ref, call);
    this.#byPid.set(pid, call);
    if (!isHere) {
      kernel.spawnReplies.set(ref.number, {
        node,
        pid,
        settle: (result) => {
          if (typeof result !== "string") return;
          this.#unlink(node, pid);
          this.#close(call, { type: "failure", failure: failureOf(result) });
        },
      });
    }
    if (order.timeoutMs !== null) {
      call.deadline = new Alarm(() => this.cancel(call, "timeout"));
      kernel.timers.start(call.deadline, order.timeoutMs);
    }
    return call;
  }

  /** Begins a call that nobody waits for. */
  cast({ node, ...order }: Omit<CallOrder, "done">): void {
    const kernel = this.#kernel;
    const sent: RpcOrder = { ...order, caller: null };
    if (node === kernel.own.name) kernel.spawnFunction(runOrder, [sent], { leader: kernel.leader });
    else this.#request(node, { ref: kernel.makeRef(), pid: kernel.reservePid(node), order: sent, link: false });
  }

  /** Ends a call; with a failure that is told to who waits for it. */
  cancel(call: Call, failure?: RpcFailure): void {
    if (!this.#forget(call)) return;
    if (this.#process.isAlive) this.#process.sendExit(call.pid, "kill");
    if (failure !== undefined) call.done({ type: "failure", failure });
  }

  handle(message: unknown): void {
    if (isRpcReply(message)) {
      const call = this.#byRef.get(message.ref);
      if (call !== undefined) this.#close(call, message.outcome);
    } else if (isExit(message)) {
      const call = this.#byPid.get(message.from);
      if (call !== undefined) this.#close(call, endBySignal(call, message.reason));
    }
  }

  #startHere(order: RpcOrder): Pid {
    const process = this.#kernel.spawnFunction(runOrder, [order], { leader: this.#kernel.leader });
    addLink(this.#process, process.pid);
    addLink(process, this.#process.pid);
    return process.pid;
  }

  #startThere(node: string, ref: Ref, order: RpcOrder): Pid {
    const pid = this.#kernel.reservePid(node);
    addLink(this.#process, pid);
    this.#kernel.remotes.addLink(node, this.#process, pid);
    try {
      this.#request(node, { ref, pid, order, link: true });
    } catch (error) {
      this.#unlink(node, pid);
      throw error;
    }
    return pid;
  }

  #request(node: string, { ref, pid, order, link }: RequestParts): void {
    const kernel = this.#kernel;
    kernel.route(node, {
      op: "spawnRequest",
      ref,
      pid,
      from: this.#process.pid,
      groupLeader: kernel.leader,
      fn: runOrder[remoteTerm],
      args: [order],
      wishes: { link, monitor: false, reply: link ? "errorOnly" : "no" },
    });
  }

  /** There is no process at the other end. */
  #unlink(node: string, pid: Pid): void {
    this.#process.links?.delete(pid);
    this.#kernel.remotes.dropLink(node, this.#process, pid);
  }

  #close(call: Call, end: CallEnd): void {
    if (this.#forget(call)) call.done(end);
  }

  #forget(call: Call): boolean {
    this.#byPid.delete(call.pid);
    this.#kernel.spawnReplies.delete(call.ref.number);
    if (call.deadline !== null) this.#kernel.timers.cancel(call.deadline);
    return this.#byRef.delete(call.ref);
  }
}

interface RequestParts {
  readonly ref: Ref;
  readonly pid: Pid;
  readonly order: RpcOrder;
  readonly link: boolean;
}

function isExit(message: unknown): message is { readonly type: "EXIT"; readonly from: Pid; readonly reason: unknown } {
  return (
    typeof message === "object" &&
    message !== null &&
    "type" in message &&
    message.type === "EXIT" &&
    "from" in message &&
    message.from instanceof Pid &&
    "reason" in message
  );
}

function endBySignal({ deadline }: Call, reason: unknown): CallEnd {
  // The clock of the other node was first.
  if (reason === "timeout" && deadline !== null) return { type: "failure", failure: "timeout" };
  if (reason === "noconnection") return { type: "failure", failure: "noconnection" };
  return { type: "signal", reason };
}

function failureOf(refusal: string): RpcFailure {
  return refusal === "noconnection" || refusal === "notsup" ? refusal : "badarg";
}
