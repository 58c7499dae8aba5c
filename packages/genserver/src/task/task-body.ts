/**
 * The process of a task: runs one function, sends its result to whoever waits for it, and ends (TASK-1); its failing is
 * reported with starter, function and arguments (TASK-10).
 *
 * 1. Whoever starts a task here knows its pid before it runs, hence the ref by which it is watched, which is also where the
 *    result goes. The task just begins.
 * 2. A task that a supervisor or another node starts is held: it waits until its owner has heard of its pid, has set the
 *    monitor, and says so. An owner that ends before that takes the task along, also where no link would.
 */
import {
  type DownMessage,
  isShutdownReason,
  type Pid,
  type Process,
  Ref,
  remote,
  type RemoteFunction,
} from "@otp/core";
import type { Body, ProcessControl } from "@otp/core/internal";

import { processOf } from "../gen/context.ts";
import { type Origin, seedOf } from "../gen/origin.ts";
import { reasonFields, reportCrash, showTerm } from "../gen/report.ts";
import { settle } from "../gen/settle.ts";
import { reasonOf } from "../gen/start.ts";
import { bear } from "../gen/starting.ts";
import type { TaskReply } from "./gathering.ts";
import { checkOrder, nameOf, type TaskOrder } from "./order.ts";

/** Lets a held task begin. */
interface Release {
  readonly type: "$task_release";
  /** Where the result goes. */
  readonly ref: Ref;
}

/** Tells a held task to begin, and where its result goes. */
export function release(self: ProcessControl, task: Pid, ref: Ref): void {
  const message: Release = { type: "$task_release", ref };
  self.send(task, message);
}

/** Where the result of a task goes; nowhere at first, and for good if nobody waits for it. */
export class ReplyAddress {
  ref: Ref | null = null;
}

/** The code of one task. */
export class TaskBody implements Body {
  readonly #self: ProcessControl;
  readonly #origin: Origin;
  readonly #order: TaskOrder;
  readonly #replyTo: ReplyAddress;

  constructor(
    self: ProcessControl,
    origin: Origin,
    { order, replyTo }: { readonly order: TaskOrder; readonly replyTo?: ReplyAddress },
  ) {
    this.#self = self;
    this.#origin = origin;
    this.#order = order;
    this.#replyTo = replyTo ?? new ReplyAddress();
  }

  get initialCall(): string {
    return this.#origin.initialCall;
  }

  seed(): readonly (readonly [unknown, unknown])[] {
    return [...seedOf(this.#origin), ["$callers", this.#order.callers]];
  }

  start(): unknown {
    const self = this.#self;
    // The kernel lets go of the body of a plain function, so what it knows is written down.
    for (const [key, value] of this.seed()) self.dictionary.put(key, value);
    self.needParts().initialCall = this.initialCall;
    const { starter, isHeld } = this.#order;
    return isHeld && starter !== null ? this.#waitForRelease(starter) : this.#run();
  }

  async #waitForRelease(owner: Pid): Promise<unknown> {
    const self = this.#self;
    const watch = self.monitor(owner);
    const message = await self.receive(
      (message: unknown): message is Release | DownMessage => isRelease(message) || isDown(message, watch),
    );
    if (message.type === "DOWN") return self.terminate({ shutdown: message.reason });
    self.demonitor(watch, { flush: true });
    this.#replyTo.ref = message.ref;
    return this.#run();
  }

  #run(): unknown {
    const { fn, args } = this.#order;
    return settle((): unknown => Reflect.apply(fn, undefined, [this.#self, ...args]), {
      returned: (result) => this.#finish(result),
      threw: (thrown) => this.#fail(thrown),
    });
  }

  #finish(result: unknown): void {
    const self = this.#self;
    // A promise of the function may settle although its process has been ended (JS-4).
    if (!self.isAlive) return;
    const { ref } = this.#replyTo;
    if (ref !== null) {
      const reply: TaskReply = { type: "task_reply", ref, result };
      try {
        self.send(ref, reply);
      } catch (error) {
        this.#fail(error);
        return;
      }
    }
    // In the same turn, so that whoever has the result finds neither link nor monitor (TASK-2).
    self.terminate("normal");
  }

  #fail(thrown: unknown): void {
    const self = this.#self;
    if (!self.isAlive) return;
    const reason = reasonOf(thrown);
    if (!isShutdownReason(reason)) {
      this.#report(reason);
      reportCrash(self, this.#origin, reason);
    }
    self.terminate(reason);
  }

  #report(reason: unknown): void {
    const { pid, kernel, parts } = this.#self;
    const { fn, args, starter } = this.#order;
    const from = starter === null ? "outside any process" : String(starter);
    kernel.report({
      kind: "custom",
      pid,
      level: "error",
      message: `Task ${parts?.name ?? pid} started from ${from} terminating`,
      fields: {
        event: "task_terminate",
        pid: String(pid),
        starter: from,
        ...reasonFields(reason),
        function: nameOf(fn),
        args: args.map(showTerm),
      },
    });
  }
}

/** Runs a task on the node to which it was sent. */
export const runTask: RemoteFunction<(self: Process, order: TaskOrder) => unknown> = remote(
  "otp/task/run",
  (self: Process, given: TaskOrder): unknown => {
    const process = processOf(self, "run a task");
    const order = checkOrder(given);
    const origin = { parent: order.starter, ancestors: order.callers, name: null, initialCall: nameOf(order.fn) };
    return new TaskBody(process, origin, { order }).start();
  },
);

/** Starts a task for its supervisor, which is `self`. */
export const superviseTask: RemoteFunction<(self: Process, order: TaskOrder) => Pid> = remote(
  "otp/task/supervise",
  (self: Process, given: TaskOrder): Pid => {
    const order = checkOrder(given);
    const makeBody = (child: ProcessControl, origin: Origin): Body => new TaskBody(child, origin, { order });
    return bear(self, { makeBody, initialCall: nameOf(order.fn), tie: "link", name: null }).child.pid;
  },
);

function isRelease(message: unknown): message is Release {
  if (typeof message !== "object" || message === null || !("type" in message) || !("ref" in message)) return false;
  return message.type === "$task_release" && message.ref instanceof Ref;
}

function isDown(message: unknown, ref: Ref): message is DownMessage {
  return (
    typeof message === "object" &&
    message !== null &&
    "type" in message &&
    message.type === "DOWN" &&
    "ref" in message &&
    message.ref === ref
  );
}
