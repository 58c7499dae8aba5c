/**
 * The global names of the processes of one node, from claim to end. This node alone speaks for them (`global-state.ts`).
 */
import type { Pid } from "../term/pid.ts";
import type { GlobalMessage, GlobalOp, Resolver } from "./global-messages.ts";
import type { NameTable } from "./name-table.ts";
import type { OpenConflicts } from "./open-conflicts.ts";
import type { Waits } from "./waits.ts";

/** What is asked for under one name. */
export interface Registration {
  readonly key: string;
  readonly name: unknown;
  readonly pid: Pid;
  readonly resolver: Resolver | null;
  readonly replace: boolean;
}

/** Told the outcome: whether the process has the name now, or the name is free. */
export type Answer = (isYes: boolean) => void;

/** Two processes that hold one name. */
export interface Conflict {
  readonly name: unknown;
  readonly mine: Pid;
  readonly other: Pid;
  readonly resolver: Resolver | null;
}

/** What the decisions have done for them. */
export interface GlobalPort {
  /** The name of this node. */
  readonly self: string;
  send(node: string, message: GlobalMessage): void;
  /** Whether a process of this node lives. */
  isAlive(pid: Pid): boolean;
  /** `ended` is to be called at the end of this process of this node. */
  watch(pid: Pid): void;
  unwatch(pid: Pid): void;
  /** Asks the resolver; null when neither shall keep the name. */
  judge(conflict: Conflict): Pid | null;
  /** A process that has names was to have one more (GLOBAL-3). */
  severalNames(pid: Pid, names: readonly unknown[]): void;
}

/** What the parts of the name service share. */
export interface GlobalParts {
  readonly port: GlobalPort;
  readonly table: NameTable;
  readonly waits: Waits<boolean>;
  /** The nodes whose names are shared. */
  readonly peers: Set<string>;
  readonly conflicts: OpenConflicts;
}

/** A name of a process of this node. */
export interface Own {
  readonly order: Registration;
  /** Whether all others have noted the claim. */
  isHeld: boolean;
  /** Told when the claim is decided. */
  readonly answer: Answer;
  /** What an open claim waits with. */
  wait: number;
}

/** The names of the processes of one node. */
export class OwnNames {
  readonly #parts: GlobalParts;
  readonly #own = new Map<string, Own>();
  /** What waits until an open claim is decided. */
  readonly #queues = new Map<string, (() => void)[]>();

  constructor(parts: GlobalParts) {
    this.#parts = parts;
  }

  get(key: string): Own | undefined {
    return this.#own.get(key);
  }

  /** Whether a claim of that name is not decided yet. */
  isOpen(key: string | undefined): boolean {
    return key !== undefined && this.#own.get(key)?.isHeld === false;
  }

  /** Whether `run` has to wait, and will, until the claim of that name is decided. */
  postpone(key: string, run: () => void): boolean {
    const queue = this.#queues.get(key);
    queue?.push(run);
    return queue !== undefined;
  }

  /** Claims the name for a living process. */
  claim(order: Registration, answer: Answer): void {
    const { port, table, waits, peers, conflicts } = this.#parts;
    const { key, name, pid, replace } = order;
    const before = this.#own.get(key)?.order.pid;
    const own: Own = { order, answer, isHeld: peers.size === 0, wait: 0 };
    this.#own.set(key, own);
    table.put({ key, name, pid, replace });
    conflicts.settle(key);
    port.watch(pid);
    if (before !== undefined) this.#unwatch(before);
    if (own.isHeld) {
      answer(true);
      return;
    }
    this.#queues.set(key, []);
    own.wait = waits.open(peers, {
      what: "register",
      name,
      isEnough: (isYes) => !isYes,
      done: (answers) => {
        if ([...answers.values()].every(Boolean)) this.#hold(own);
        else this.giveUp(own, replace);
      },
    });
    this.#tell(claimOf(own));
  }

  /** Takes the name from its process, whether it has it or only claims it; an open claim is answered by `outcome`. */
  giveUp(own: Own, outcome: boolean): void {
    this.withdraw(own);
    if (own.isHeld) return;
    this.#parts.waits.cancel(own.wait);
    own.answer(outcome);
    this.#decided(own.order.key);
  }

  /** Takes the name from its process and tells all, who confirm it under `id` if there is one. */
  withdraw({ order: { key, name, pid } }: Own, id: number | null = null): void {
    const { port, table, conflicts } = this.#parts;
    this.#own.delete(key);
    table.drop(key, port.self);
    this.#unwatch(pid);
    conflicts.settle(key);
    this.#tell({ type: "gone", name, pid, id });
  }

  /** A process has ended: its names are free before anybody is told (GLOBAL-2). */
  ended(pid: Pid): void {
    for (const { key } of this.#parts.table.claims(pid)) {
      const own = this.#own.get(key);
      // A dead process may be registered, it just has nothing of it.
      if (own !== undefined) this.giveUp(own, true);
    }
  }

  /** Tells a node that has come all names, and gives it a say in those that are being claimed. */
  introduce(node: string): void {
    const { port, waits } = this.#parts;
    const held = [...this.#own.values()].filter(({ isHeld }) => isHeld);
    if (held.length > 0) {
      port.send(node, { type: "names", entries: held.map(({ order }) => [order.name, order.pid] as const) });
    }
    for (const own of this.#own.values()) {
      if (own.isHeld) continue;
      waits.add(own.wait, node);
      port.send(node, claimOf(own));
    }
  }

  #hold(own: Own): void {
    own.isHeld = true;
    own.answer(true);
    this.#decided(own.order.key);
  }

  #decided(key: string): void {
    const queue = this.#queues.get(key) ?? [];
    this.#queues.delete(key);
    for (const run of queue) run();
  }

  #unwatch(pid: Pid): void {
    const { port, table } = this.#parts;
    if (table.claims(pid).length === 0) port.unwatch(pid);
  }

  #tell(message: GlobalMessage): void {
    for (const node of this.#parts.peers) this.#parts.port.send(node, message);
  }
}

function claimOf({ wait, order: { name, pid, replace } }: Own): GlobalMessage {
  return { type: "claim", id: wait, name, pid, replace };
}

/** Whether the claim of a name here gives way to another node's: replacing goes first, then the node that sorts first. */
export function givesWay(own: Own, self: string, claim: { readonly node: string; readonly replace: boolean }): boolean {
  if (own.isHeld) return claim.replace;
  return own.order.replace === claim.replace ? claim.node < self : claim.replace;
}

/** What one node asks of another. */
export interface Request {
  readonly node: string;
  readonly op: GlobalOp;
  readonly order: Pick<Registration, "name" | "pid" | "resolver">;
  readonly answer: Answer;
}
