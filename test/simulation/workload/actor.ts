/** A process that does in its own turns what it is told from outside, and keeps a diary of what it sees. */
import { inspect } from "node:util";

import { type Node, type Pid, type Process, Ref } from "@otp/core";

import type { Diary } from "./diary.ts";

/** A thing to do, in the process's own turn. */
export type Order = (self: Process) => unknown;

/** What actors send each other: numbered, so that order and completeness can be told; with a mark, to be waited for. */
export interface Numbered {
  readonly from: number;
  readonly serial: number;
  readonly mark: number | null;
}

/** One process of a workload. */
export class Actor {
  readonly id: number;
  readonly node: Node;
  readonly pid: Pid;
  /** Whether it has ended, as its own signal says. */
  hasEnded = false;
  /** Whether its code has begun to run. */
  hasBegun = false;
  /** What it expects from elsewhere, by the ref; anything else that comes is somebody's mistake. */
  readonly awaited: Map<Ref, (message: unknown) => void> = new Map();
  readonly #orders = new Map<number, Order>();
  readonly #diary: Diary;
  #ordered = 0;

  constructor(node: Node, id: number, diary: Diary) {
    this.node = node;
    this.id = id;
    this.#diary = diary;
    this.pid = node.spawn((self: Process) => this.#live(self));
  }

  /** Has the process do something, when it gets to it. */
  tell(order: Order): void {
    this.#ordered += 1;
    this.#orders.set(this.#ordered, order);
    this.node.send<unknown>(this.pid, { order: this.#ordered });
  }

  async #live(self: Process): Promise<void> {
    this.hasBegun = true;
    self.signal.addEventListener("abort", () => {
      this.hasEnded = true;
      this.#diary.note(this, { did: "end", reason: self.signal.reason });
    });
    for (;;) await this.#take(self, await self.receive());
  }

  async #take(self: Process, message: unknown): Promise<void> {
    if (typeof message !== "object" || message === null) return this.#strange(message);
    if ("order" in message && typeof message.order === "number") {
      const order = this.#orders.get(message.order);
      this.#orders.delete(message.order);
      await order?.(self);
    } else if (isNumbered(message)) this.#diary.note(this, { did: "get", ...message });
    else if (isExit(message)) {
      this.#diary.note(this, { did: "exitMessage", from: message.from, reason: message.reason });
    } else if (isDown(message)) {
      const { ref, object, reason } = message;
      this.#diary.note(this, { did: "down", ref, from: object, reason });
      // SIG-10: the name is free before anybody hears of the end.
      if (reason !== "noconnection" && self.whereis("worker") === object) {
        this.#diary.fault(`SIG-10: ${object} has its name although ${self.pid} has heard of its end`);
      }
    } else if ("ref" in message && message.ref instanceof Ref && this.awaited.has(message.ref)) {
      this.awaited.get(message.ref)?.(message);
    } else this.#strange(message);
  }

  #strange(message: unknown): void {
    this.#diary.fault(`${this.pid} got ${inspect(message)}, which nobody sent it`);
  }
}

/** Whether a message is one of the numbered ones. */
export function isNumbered(message: unknown): message is Numbered {
  return typeof message === "object" && message !== null && "serial" in message && "mark" in message;
}

function isExit(message: object): message is { readonly from: Pid; readonly reason: unknown } {
  return "type" in message && message.type === "EXIT";
}

function isDown(message: object): message is { readonly ref: Ref; readonly object: Pid; readonly reason: unknown } {
  return "type" in message && message.type === "DOWN";
}
