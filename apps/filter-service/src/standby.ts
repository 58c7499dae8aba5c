/**
 * Standby: one process on each node, of which one at a time has a worker under a global name, and the others wait for its end.
 *
 * It has nothing of FilterService in it: give it a name and a way to start something under that name. Whoever finds the name
 * free claims it; `global` gives it to one of them. The others monitor the owner, so that its crash, its node's end and a
 * broken connection are one and the same to them: a DOWN, upon which they claim.
 *
 * | what ends the worker | what its standby does |
 * | --- | --- |
 * | another owner, found when two parts of a cluster meet | waits for that one; no supervisor hears of it |
 * | anything else | ends with the same reason, so that its supervisor counts the failure and starts it anew |
 *
 * A cluster that has fallen apart has an owner in each part, since no part can know whether the others are dead or only out of
 * sight. Work that must not be done in two parts needs a quorum, which this is not.
 */
import { CallError, formatReason, type Node, Pid, type Process, type Ref, StartError } from "@otp/core";
import {
  call,
  type Call,
  type CallResult,
  type CastResult,
  type ChildOptions,
  GenServer,
  type InitResult,
  noreply,
  ok,
  reply,
  type ServerPid,
  startLink,
  stop,
  stopWith,
} from "@otp/genserver";

/** What a standby stands by for. */
export interface StandbyOptions {
  /** The worker's global name. */
  readonly name: string;
  /** Starts the worker under that name, linked to `self`. */
  readonly start: (self: Process) => PromiseLike<Pid<never>>;
  /** Told of every change of the role. */
  readonly onChange?: (role: Role) => void;
}

/** What a standby is at the moment. */
export type Role =
  | { readonly type: "claiming" }
  | { readonly type: "owner"; readonly owner: Pid<never> }
  | { readonly type: "standby"; readonly owner: Pid<never> };

interface StandbyProtocol {
  call: Call<"role", Role>;
}

/** A role, and what is remembered with it. */
type Phase =
  | { readonly type: "claiming"; readonly lost: Lost | null }
  | { readonly type: "owner"; readonly owner: Pid<never> }
  | { readonly type: "standby"; readonly owner: Pid<never>; readonly ref: Ref };

/** An owner that has ended, and when that became known here. */
interface Lost {
  readonly owner: Pid<never>;
  readonly reason: unknown;
  readonly at: number;
  /** Set once it was given time to vanish: if it is still found it lives, and only the connection was lost. */
  readonly mayBeBack: boolean;
}

interface State {
  readonly options: StandbyOptions;
  readonly phase: Phase;
}

/** How long to wait for a name to become free whose owner is known to have ended here before it is elsewhere. */
const retryMs = 50;
/** How long the worker may take to finish what it has been asked before this node leaves. */
const handOverMs = 4_000;

/** One per node; its local name is `standby`. */
export class Standby extends GenServer<State, StandbyProtocol, StandbyOptions> {
  static override readonly childOptions: ChildOptions = { shutdown: handOverMs + 1_000 };

  static startLink(self: Process, options: StandbyOptions): Promise<ServerPid<StandbyProtocol>> {
    return startLink(self, Standby, options, { name: "standby" });
  }

  /** The role of this node; `claiming` also while its standby is being started anew. */
  static async role(node: Node): Promise<Role> {
    // What has this name here is one of ours.
    const standby: ServerPid<StandbyProtocol> | undefined = node.whereis("standby");
    if (standby === undefined) return { type: "claiming" };
    try {
      return await call(node, standby, { type: "role" }, 1_000);
    } catch (error) {
      // It waits for the others to agree to its claim, or has ended.
      if (error instanceof CallError) return { type: "claiming" };
      throw error;
    }
  }

  override init(options: StandbyOptions): InitResult<State> {
    // The worker is linked: its end is a message here, and our end is its end.
    this.self.trapExit = true;
    return ok({ options, phase: { type: "claiming", lost: null } }, { continue: "first" });
  }

  override async handleContinue(_first: unknown, { options }: State): Promise<CastResult<State>> {
    // Before the first claim only, where a wait costs nobody anything: an owner not heard of yet would be a conflict. The look
    // around at the start of the node may have come too early for others that are busy, or start as well.
    const { node } = this.self;
    await Promise.all((await node.discover()).map((other) => node.connect(other)));
    await node.global.sync();
    return this.#claim(options, null);
  }

  override handleCall(_request: StandbyProtocol["call"], _from: unknown, state: State): CallResult<State, Role> {
    const { phase } = state;
    return reply(phase.type === "claiming" ? { type: "claiming" } : { type: phase.type, owner: phase.owner }, state);
  }

  override handleInfo(message: unknown, state: State): CastResult<State> | Promise<CastResult<State>> {
    const { options, phase } = state;
    const { type, ref, from, reason } = fieldsOf(message);
    if (phase.type === "claiming" && type === "claim") return this.#claim(options, phase.lost);
    if (phase.type === "standby" && type === "DOWN" && ref === phase.ref) {
      return this.#claim(options, { owner: phase.owner, reason, at: this.self.node.monotonicTime(), mayBeBack: false });
    }
    if (phase.type === "owner" && type === "EXIT" && from === phase.owner) return this.#workerEnded(state, reason);
    return noreply(state);
  }

  /** Leaving: the worker answers what it has been asked and ends, of which the others hear at once. */
  override async terminate(_reason: unknown, { options, phase }: State): Promise<void> {
    if (phase.type !== "owner") return;
    this.self.log.info({ event: "standby_hands_over", name: options.name }, `hands ${options.name} over`);
    try {
      await stop(this.self, phase.owner, "shutdown", handOverMs);
    } catch (error) {
      // It has ended by itself, or ends with us by the link.
      if (!(error instanceof CallError)) throw error;
    }
  }

  async #claim(options: StandbyOptions, lost: Lost | null): Promise<CastResult<State>> {
    const found = this.self.node.global.whereisName(options.name);
    if (found !== undefined) return this.#standByOrRetry(options, lost, found);
    options.onChange?.({ type: "claiming" });
    try {
      return this.#own(options, lost, await options.start(this.self));
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      const { type, pid } = fieldsOf(error.reason);
      // Somebody was faster, and may not be known here yet.
      if (type === "already_started") return this.#standByOrRetry(options, lost, pid instanceof Pid ? pid : undefined);
      return stopWith(error.reason, { options, phase: { type: "claiming", lost } });
    }
  }

  #standByOrRetry(options: StandbyOptions, lost: Lost | null, owner: Pid<never> | undefined): CastResult<State> {
    if (owner !== undefined && (owner !== lost?.owner || lost.mayBeBack)) return this.#standBy(options, owner);
    this.self.sendAfter(this.self.pid, { type: "claim" }, retryMs);
    return noreply({ options, phase: { type: "claiming", lost: lost && { ...lost, mayBeBack: true } } });
  }

  #own(options: StandbyOptions, lost: Lost | null, owner: Pid<never>): CastResult<State> {
    const { name, onChange } = options;
    const { log, node } = this.self;
    if (lost === null) log.info({ event: "standby_owns", name }, `${name} runs here`);
    else {
      const reason = formatReason(lost.reason);
      const tookMs = Math.round(node.monotonicTime() - lost.at);
      const fields = { event: "standby_takes_over", name, previous: String(lost.owner), reason, tookMs };
      log.warn(fields, `${name} runs here from now on; its owner has ended: ${reason}`);
    }
    onChange?.({ type: "owner", owner });
    return noreply({ options, phase: { type: "owner", owner } });
  }

  #standBy(options: StandbyOptions, owner: Pid<never>): CastResult<State> {
    const { name, onChange } = options;
    const ref = this.self.monitor(owner);
    this.self.log.info(
      { event: "standby_waits", name, owner: String(owner) },
      `stands by for ${name} on ${owner.node}`,
    );
    onChange?.({ type: "standby", owner });
    return noreply({ options, phase: { type: "standby", owner, ref } });
  }

  #workerEnded({ options }: State, reason: unknown): CastResult<State> {
    const { name } = options;
    const winner = this.self.node.global.whereisName(name);
    if (winner === undefined) return stopWith(reason, { options, phase: { type: "claiming", lost: null } });
    const fields = { event: "standby_gives_way", name, owner: String(winner), reason: formatReason(reason) };
    this.self.log.warn(fields, `${name} had two owners; the one on ${winner.node} stays`);
    return this.#standBy(options, winner);
  }
}

function fieldsOf(message: unknown): { readonly [field: string]: unknown } {
  return typeof message === "object" && message !== null ? { ...message } : {};
}
