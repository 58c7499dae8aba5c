/**
 * Who has which global name: the decisions of one node, without effects of its own.
 *
 * A name is claimed by the node of the process that shall have it, the claim is noted by all other nodes, and it holds once
 * all have done so. Everything that is said about a process comes from its own node, over one connection, in order; hence a
 * replica is never older than the connection it came by, and the loss of a node is the loss of its entries.
 *
 * Two nodes that claim a name at once see each other's claim before theirs can hold, for each needs the other's answer:
 *
 * ```
 * a: claim ──────╲╱────── b: claim      a sorts first: it refuses b's claim, and b gives way to a's.
 * a: refuse b ───╱╲────── b: note a     a's holds ("yes"), b's never did ("no").
 * ```
 *
 * A third node orders claimants the same way, and confirms a claim only when it is the first: what holds is found everywhere.
 *
 * When two parts of a cluster meet, each node tells each other the names it holds. A name held on both sides is settled by
 * the two nodes that hold it and by nobody else: the one that sorts first asks the resolver, once, and tells the other.
 */
import type { Pid } from "../term/pid.ts";
import type { GlobalMessage } from "./global-messages.ts";
import { type Claimant, NameTable } from "./name-table.ts";
import { OpenConflicts } from "./open-conflicts.ts";
import { type Answer, type GlobalParts, type GlobalPort, givesWay, type Own, OwnNames } from "./own-names.ts";
import type { Registration, Request } from "./own-names.ts";
import { tryTermKey } from "./term-key.ts";
import type { Waits } from "./waits.ts";

type Of<Type extends GlobalMessage["type"]> = Extract<GlobalMessage, { readonly type: Type }>;

/** The global names as one node knows them. */
export class GlobalNames {
  readonly table: NameTable = new NameTable();
  readonly peers: Set<string> = new Set();
  readonly #port: GlobalPort;
  readonly #waits: Waits<boolean>;
  readonly #conflicts = new OpenConflicts(() => this.table.contested);
  readonly #own: OwnNames;
  /** What stands for the connection to each peer, and no other one. */
  readonly #meetings = new Map<string, symbol>();

  constructor(port: GlobalPort, waits: Waits<boolean>) {
    this.#port = port;
    this.#waits = waits;
    const parts: GlobalParts = { port, table: this.table, waits, peers: this.peers, conflicts: this.#conflicts };
    this.#own = new OwnNames(parts);
  }

  /** Gives a process the name, if nobody has it; with `replace` whoever has it. */
  register(order: Registration, answer: Answer): void {
    const { key, name, pid, replace } = order;
    if (this.#own.postpone(key, () => this.register(order, answer))) return;
    const claims = this.table.claims(pid);
    if (!replace && this.table.find(key) !== undefined) answer(false);
    else if (!replace && claims.length > 0) {
      this.#port.severalNames(pid, [name, ...claims.map((claim) => claim.name)]);
      answer(false);
    } else if (pid.node !== this.#port.self) {
      this.#ask({ node: pid.node, op: replace ? "reRegister" : "register", order, answer });
    } else if (this.#port.isAlive(pid)) this.#own.claim(order, answer);
    else if (replace) this.unregister(order, answer);
    // A dead process may be registered, it just has nothing of it.
    else answer(true);
  }

  /** Frees the name, whoever has it (GLOBAL-1). */
  unregister(target: Pick<Registration, "key" | "name">, answer: Answer): void {
    const { key, name } = target;
    if (this.#own.postpone(key, () => this.unregister(target, answer))) return;
    const claimants = [...this.table.claimants(key)];
    let left = claimants.length;
    if (left === 0) answer(true);
    const oneLess = (): void => {
      left -= 1;
      if (left === 0) answer(true);
    };
    for (const { pid } of claimants) {
      const own = pid.node === this.#port.self ? this.#own.get(key) : undefined;
      if (own === undefined) {
        this.#ask({ node: pid.node, op: "unregister", order: { name, pid, resolver: null }, answer: oneLess });
      } else if (this.peers.size === 0) {
        this.#own.withdraw(own);
        oneLess();
      } else this.#own.withdraw(own, this.#waits.open(this.peers, { what: "unregister", name, done: oneLess }));
    }
  }

  /** A process of this node has ended. */
  ended(pid: Pid): void {
    this.#own.ended(pid);
    this.#conflicts.check();
  }

  /** Answers when this node and all its peers know each other's names, and no conflict between them is open. */
  sync(answer: () => void): void {
    const done = (): void => this.#conflicts.whenAgreed(answer);
    if (this.peers.size === 0) {
      done();
      return;
    }
    const id = this.#waits.open(this.peers, { what: "sync", name: null, done });
    for (const node of this.peers) this.#port.send(node, { type: "ping", id });
  }

  /** A peer is there. */
  up(node: string): void {
    this.peers.add(node);
    this.#meetings.set(node, Symbol(node));
    this.#own.introduce(node);
  }

  /** A peer is lost, and with it its names. */
  down(node: string): void {
    this.peers.delete(node);
    this.#meetings.delete(node);
    this.table.dropNode(node);
    this.#conflicts.lost(node);
    this.#waits.lost(node);
    this.#conflicts.check();
  }

  /** A message from a peer about names. */
  receive(from: string, message: GlobalMessage): void {
    if (!this.peers.has(from)) return;
    if (message.type === "answer") this.#waits.answered(message.id, from, message.isYes);
    else if (message.type === "ping") this.#onPing(from, message);
    else if (message.type === "check") this.#reply(from, message.id, this.#own.isOpen(tryTermKey(message.name)));
    else if (message.type === "claim") this.#onClaim(from, message);
    else if (message.type === "names") for (const [name, pid] of message.entries) this.#onHolder(from, name, pid);
    else if (message.type === "gone") this.#onGone(from, message);
    else if (message.type === "verdict") this.#onVerdict(from, message);
    else if (message.type === "request") this.#onRequest(from, message);
    this.#conflicts.check();
  }

  #onPing(from: string, { id }: Of<"ping">): void {
    const answer = this.#answerTo(from, id);
    this.#conflicts.whenSettled(() => answer(true));
  }

  #onClaim(from: string, { id, name, pid, replace }: Of<"claim">): void {
    const key = tryTermKey(name);
    const own = key === undefined ? undefined : this.#own.get(key);
    const mayNot = own !== undefined && !givesWay(own, this.#port.self, { node: from, replace });
    if (key === undefined || pid.node !== from || mayNot) {
      // Whatever that node had there, it has replaced by this claim.
      if (key !== undefined) this.table.drop(key, from);
      this.#reply(from, id, false);
      return;
    }
    const claimant: Claimant = { key, name, pid, replace };
    this.table.put(claimant);
    if (own !== undefined) this.#own.giveUp(own, own.order.replace);
    this.#note(from, id, claimant);
  }

  /**
   * Confirms a claim if it is found under its name from now on. Where another claimant goes before it, the claimant's node is
   * asked first: it may have withdrawn, and that be still under way; or it holds what it once took from somebody, and gives way
   * to who takes it now.
   */
  #note(from: string, id: number, claimant: Claimant): void {
    const { key, name } = claimant;
    const answer = this.#answerTo(from, id);
    const isFirst = (): boolean => this.table.claimants(key)[0] === claimant;
    if (isFirst()) {
      answer(true);
      return;
    }
    const others = this.table.claimants(key).map(({ pid }) => pid.node);
    const nodes = others.slice(0, others.indexOf(from));
    const done = (isOpen: ReadonlyMap<string, boolean>): void => {
      if (claimant.replace) for (const node of nodes) if (isOpen.get(node) === false) this.table.hold(key, node);
      answer(isFirst());
    };
    const check = this.#waits.open(nodes, { what: "check", name, done });
    for (const node of nodes) this.#port.send(node, { type: "check", id: check, name });
  }

  /** A node that has come holds a name. */
  #onHolder(from: string, name: unknown, pid: Pid): void {
    const key = tryTermKey(name);
    if (key === undefined || pid.node !== from) return;
    const own = this.#own.get(key);
    this.table.put({ key, name, pid, replace: false });
    if (own === undefined) return;
    if (own.isHeld) {
      if (this.#port.self < from) this.#settle(own, from, pid);
      else this.#conflicts.add(key, from);
    } else if (!own.order.replace) this.#own.giveUp(own, false);
    // One that replaces has been claimed towards that node, too, which gives way.
  }

  /** Decides between a process here and one on a node that sorts after this (GLOBAL-5). */
  #settle(own: Own, from: string, other: Pid): void {
    const { key, name, pid, resolver } = own.order;
    const winner = this.#port.judge({ name, mine: pid, other, resolver });
    this.#port.send(from, { type: "verdict", name, mine: pid, yours: other, winner });
    if (winner !== other) this.table.drop(key, from, other);
    // The resolver may have ended it.
    if (winner !== pid && this.#own.get(key) === own) this.#own.withdraw(own);
  }

  #onVerdict(from: string, { name, mine, yours, winner }: Of<"verdict">): void {
    const key = tryTermKey(name);
    if (key === undefined || from > this.#port.self) return;
    this.#conflicts.settle(key, from);
    if (winner !== mine) this.table.drop(key, from, mine);
    const own = this.#own.get(key);
    if (winner !== yours && own?.order.pid === yours) this.#own.giveUp(own, true);
  }

  #onGone(from: string, { name, pid, id }: Of<"gone">): void {
    const key = tryTermKey(name);
    if (key !== undefined && this.table.at(key, from)?.pid === pid) {
      this.table.drop(key, from);
      this.#conflicts.settle(key, from);
    }
    if (id !== null) this.#reply(from, id, true);
  }

  /** Another node wants something of a process or name of this one. */
  #onRequest(from: string, { id, op, name, pid, resolver }: Of<"request">): void {
    const key = tryTermKey(name);
    if (key === undefined || pid.node !== this.#port.self) {
      this.#reply(from, id, false);
      return;
    }
    const answer = this.#answerTo(from, id);
    if (op !== "unregister") this.register({ key, name, pid, resolver, replace: op === "reRegister" }, answer);
    else if (this.#own.get(key)?.order.pid === pid) this.unregister({ key, name }, answer);
    else answer(true);
  }

  #ask({ node, op, order: { name, pid, resolver }, answer }: Request): void {
    // A node that is not there has no living processes.
    if (!this.peers.has(node)) {
      answer(true);
      return;
    }
    const done = (answers: ReadonlyMap<string, boolean>): void => answer(answers.get(node) ?? true);
    const id = this.#waits.open([node], { what: op, name, done });
    this.#port.send(node, { type: "request", id, op, name, pid, resolver });
  }

  #reply(node: string, id: number, isYes: boolean): void {
    this.#answerTo(node, id)(isYes);
  }

  /** What answers a question that has just come. Once that connection is over nothing does: a node that has restarted counts anew. */
  #answerTo(node: string, id: number): Answer {
    const meeting = this.#meetings.get(node);
    return (isYes) => {
      if (meeting !== undefined && this.#meetings.get(node) === meeting)
        this.#port.send(node, { type: "answer", id, isYes });
    };
  }
}
