/**
 * `node.pg`: groups of processes over all nodes, after Erlang's module `pg`.
 *
 * Membership is eventually consistent: no lock, no agreement. Each node tells the others of its own members, in order, and
 * all of them when two nodes meet (PG-4).
 */
import { ArgumentError, ExitError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { ErlangCodec } from "../codec/erlang-codec.ts";
import type { ControlBlock } from "../process/control-block.ts";
import { checkPid } from "../process/links.ts";
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import type { ClusterHost, ClusterService } from "./cluster-host.ts";
import { isPgMessage } from "./pg-messages.ts";
import { Scope } from "./scope.ts";
import { termKey } from "./term-key.ts";

/** The scope that is meant where none is named; it always runs. */
const defaultScope = "pg";

/** One process, or several; a process counts once per mention. */
export type Members = Pid<never> | readonly Pid<never>[];

/** Who is told of changes: a process, as its own code holds it. */
export interface Subscriber {
  readonly pid: Pid<never>;
}

/** A subscription, with what was there when it began (PG-6). */
export interface GroupMonitor {
  readonly ref: Ref;
  readonly members: readonly Pid[];
}

/** A subscription to a whole scope, with what was there when it began. */
export interface ScopeMonitor {
  readonly ref: Ref;
  readonly groups: readonly (readonly [group: unknown, members: readonly Pid[]])[];
}

/**
 * The process groups as one node sees them. Groups are any terms that can be compared by value. Every call takes a scope in
 * front, a separate overlay of the nodes that run it; without one it is `"pg"`.
 *
 * @example
 * import { Node } from "@otp/core";
 *
 * const node = await Node.start();
 * const pid = node.spawn(async (self) => { await self.receive(); });
 * node.pg.join("workers", pid); // => "ok"
 * node.pg.getMembers("workers").length; // => 1
 * await node.stop();
 */
export class ProcessGroups implements ClusterService {
  readonly #host: ClusterHost;
  readonly #codec: ErlangCodec;
  readonly #scopes = new Map<string, Scope>();
  readonly #nodes = new Set<string>();

  constructor(host: ClusterHost) {
    this.#host = host;
    this.#codec = new ErlangCodec({ identities: host.kernel.identities });
    this.start(defaultScope);
  }

  /** Makes this node run a scope; `"ok"` also when it does so already. */
  start(scope: string): "ok" {
    if (typeof scope !== "string") throw new ArgumentError(`expected the name of a scope. Got: ${show(scope)}`);
    if (this.#scopes.has(scope)) return "ok";
    const host = this.#host;
    const made = new Scope({
      name: scope,
      kernel: host.kernel,
      send: (node, message) => host.send(node, "$pg", message),
    });
    this.#scopes.set(scope, made);
    made.begin(this.#nodes);
    return "ok";
  }

  /** Makes this node run a scope no more: its local members are gone, also for the other nodes (PG-5). */
  stop(scope: string): "ok" {
    this.#scopes.get(scope)?.end();
    this.#scopes.delete(scope);
    return "ok";
  }

  /**
   * Adds processes of this node to a group, once more per mention (PG-1).
   *
   * @throws ExitError `{ nolocal: pid }` for a process of another node (PG-2), `"noproc"` if the scope does not run (PG-5).
   */
  join(group: unknown, members: Members): "ok";
  join(scope: string, group: unknown, members: Members): "ok";
  join(...args: readonly [unknown, unknown, unknown?]): "ok" {
    const { scope, rest } = split(args, 2);
    const [group, members] = rest;
    const pids = checkMembers(members);
    // What other nodes could not be told must fail here.
    if (typeof group !== "string") this.#codec.encode(group);
    return this.#need(scope).join(group, pids);
  }

  /** Ends one membership per mention; `"not_joined"` when none of them was there. */
  leave(group: unknown, members: Members): "ok" | "not_joined";
  leave(scope: string, group: unknown, members: Members): "ok" | "not_joined";
  leave(...args: readonly [unknown, unknown, unknown?]): "ok" | "not_joined" {
    const { scope, rest } = split(args, 2);
    const [group, members] = rest;
    return this.#need(scope).leave(group, checkMembers(members));
  }

  /** The members on all nodes, as far as they are known; `[]` for a scope that does not run. */
  getMembers(group: unknown): Pid[];
  getMembers(scope: string, group: unknown): Pid[];
  getMembers(...args: readonly [unknown, unknown?]): Pid[] {
    const { scope, rest } = split(args, 1);
    return this.#scopes.get(scope)?.members(rest[0]) ?? [];
  }

  /** The members on this node. */
  getLocalMembers(group: unknown): Pid[];
  getLocalMembers(scope: string, group: unknown): Pid[];
  getLocalMembers(...args: readonly [unknown, unknown?]): Pid[] {
    const { scope, rest } = split(args, 1);
    return this.#scopes.get(scope)?.localMembers(rest[0]) ?? [];
  }

  /** The groups that have members. */
  whichGroups(scope: string = defaultScope): unknown[] {
    return (this.#scopes.get(scope)?.groups() ?? []).map(({ group }) => group);
  }

  /**
   * Sends `self` from now on `{ type: "join" | "leave", ref, group, pids }` for every change of a group, and returns its members
   * until then (PG-6).
   */
  monitor(self: Subscriber, group: unknown): GroupMonitor;
  monitor(self: Subscriber, scope: string, group: unknown): GroupMonitor;
  monitor(self: Subscriber, ...args: readonly [unknown, unknown?]): GroupMonitor {
    const { scope, rest } = split(args, 1);
    const needed = this.#need(scope);
    const ref = needed.subscribe(this.#processOf(self), termKey(rest[0]));
    return { ref, members: needed.members(rest[0]) };
  }

  /** Like `monitor`, for every group of a scope. */
  monitorScope(self: Subscriber, scope: string = defaultScope): ScopeMonitor {
    const needed = this.#need(scope);
    const ref = needed.subscribe(this.#processOf(self), null);
    return { ref, groups: needed.groups().map(({ group, pids }) => [group, pids] as const) };
  }

  /** Ends a subscription; false when there is none of that ref. */
  demonitor(ref: Ref, scope: string = defaultScope): "ok" | false {
    return this.#need(scope).unsubscribe(ref) ? "ok" : false;
  }

  // — what the node tells —

  up(node: string): void {
    this.#nodes.add(node);
    for (const scope of this.#scopes.values()) scope.up(node);
  }

  down(node: string): void {
    this.#nodes.delete(node);
    for (const scope of this.#scopes.values()) scope.down(node);
  }

  receive(node: string, message: unknown): void {
    if (!this.#nodes.has(node) || !isPgMessage(message)) return;
    const scope = this.#scopes.get(message.scope);
    if (scope !== undefined) scope.receive(node, message);
    // Who begins to run a scope later will ask.
    else if (message.type === "sync") this.#host.send(node, "$pg", { type: "absent", scope: message.scope });
  }

  #processOf({ pid }: Subscriber): ControlBlock {
    const { kernel } = this.#host;
    const process = kernel.find(kernel.localize(checkPid(pid, "be told")));
    if (process !== null) return process;
    throw new ArgumentError(`expected a living process of this node, who shall be told. Got: ${pid}`);
  }

  #need(scope: string): Scope {
    const known = this.#scopes.get(scope);
    if (known !== undefined) return known;
    throw new ExitError("noproc", `this node does not run the scope ${show(scope)}; call node.pg.start first`);
  }
}

/** Tells whether a scope stands in front of `count` arguments. */
function split(args: readonly unknown[], count: number): { readonly scope: string; readonly rest: readonly unknown[] } {
  if (args.length <= count) return { scope: defaultScope, rest: args };
  const [scope, ...rest] = args;
  if (typeof scope !== "string") throw new ArgumentError(`expected the name of a scope. Got: ${show(scope)}`);
  return { scope, rest };
}

function checkMembers(members: unknown): readonly Pid[] {
  return (Array.isArray(members) ? members : [members]).map((member) => checkPid(member, "be in a group"));
}
