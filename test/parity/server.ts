/** A server whose callbacks do what they are asked to, and supervisors of such servers; the counterpart of `oracle_server.erl`. */
import type { Pid, Process } from "@otp/core";
import {
  type CallResult,
  type CastResult,
  type ChildSpec,
  type From,
  GenServer,
  ignore,
  type InitResult,
  noreply,
  ok,
  reply,
  replyTo,
  StartError,
  startLink,
  stopWith,
  Supervisor,
  type SupervisorInit,
} from "@otp/genserver";

import type { ChildStep, FlagStep } from "./steps.ts";

/** What a callback is asked to do. */
export type Script = readonly [verb: string, ...args: readonly unknown[]];

/** The kinds of processes of a program. */
export type Kind = "puppet" | "server" | "supervisor";

/** Who keeps what processes tell. */
export interface Diary {
  born(pid: Pid, kind: Kind): void;
  log(pid: Pid, what: unknown): void;
  /** How often the child of that name has been started, this time included. */
  attempt(id: string): number;
}

/** Told to a server when it starts. */
export interface ServerArg {
  readonly diary: Diary;
  readonly traits: readonly string[];
}

/** Callbacks so far, and whom a reply is owed. */
interface State {
  readonly count: number;
  readonly owed: readonly From[];
}

/** The reason that a step has written. */
export function reasonOf(written: unknown): unknown {
  return written === "shutdown y" ? { shutdown: "y" } : written;
}

/** The server. */
export class OracleServer extends GenServer<State, { call: unknown; cast: unknown; info: unknown }, ServerArg> {
  #arg: ServerArg | undefined;

  override init(arg: ServerArg): InitResult<State> {
    this.#arg = arg;
    const { traits } = arg;
    arg.diary.born(this.self.pid, "server");
    if (traits.includes("trap")) this.self.trapExit = true;
    const fresh = { count: 0, owed: [] };
    if (traits.includes("idle")) return ok(fresh, { timeout: 0 });
    if (traits.includes("continue")) return ok(fresh, { continue: ["noreply"] });
    if (traits.includes("refuse")) return stopWith("refused");
    if (traits.includes("shutdown")) return stopWith("shutdown");
    if (traits.includes("ignore")) return ignore;
    if (traits.includes("crash")) throw new Error("boom");
    if (traits.includes("exit")) return this.self.exit("x");
    // What is thrown counts as returned, whatever its type.
    if (traits.includes("throw")) return thrown(stopWith("thrown"));
    if (traits.includes("bad")) return thrown("bad");
    return ok(fresh);
  }

  override handleCall(request: unknown, from: From, state: State): CallResult<State, unknown> {
    return this.#answer({ kind: "call", script: scriptOf(request), from, state });
  }

  override handleCast(message: unknown, state: State): CastResult<State> {
    return quiet(this.#answer({ kind: "cast", script: scriptOf(message), from: null, state }));
  }

  override handleInfo(message: unknown, state: State): CastResult<State> {
    const script: Script = isScripted(message) ? message.script : ["noreply", message];
    return quiet(this.#answer({ kind: "info", script, from: null, state }));
  }

  override handleContinue(value: unknown, state: State): CastResult<State> {
    return quiet(this.#answer({ kind: "continue", script: scriptOf(value), from: null, state }));
  }

  override terminate(reason: unknown, { count }: State): unknown {
    this.#log({ type: "terminate", reason, count });
    const traits = this.#arg?.traits ?? [];
    if (traits.includes("terminateCrash")) throw new Error("late_boom");
    if (traits.includes("terminateExit")) this.self.exit("late");
    return traits.includes("hang") ? new Promise(() => undefined) : undefined;
  }

  #log(what: unknown): void {
    this.#arg?.diary.log(this.self.pid, what);
  }

  #answer(asked: {
    readonly kind: string;
    readonly script: Script;
    readonly from: From | null;
    readonly state: State;
  }): CallResult<State, unknown> {
    const { kind, from, state } = asked;
    const [verb, ...args] = asked.script;
    const { count, owed } = state;
    this.#log({ type: kind, verb, count });
    for (const arg of args) this.#log(reasonOf(arg));
    const next = { count: count + 1, owed };
    const reason = reasonOf(args[0]);
    switch (verb) {
      case "reply":
        return reply({ type: "ok", count }, next);
      case "replyIdle":
        return reply({ type: "ok", count }, next, { timeout: 0 });
      case "replyContinue":
        return reply({ type: "ok", count }, next, { continue: ["noreply"] });
      case "defer":
        return noreply(from === null ? next : { count: count + 1, owed: [...owed, from] });
      case "idle":
        return noreply(next, { timeout: 0 });
      case "continue":
        return noreply(next, { continue: ["noreply"] });
      case "continueStop":
        return noreply(next, { continue: ["stop", args[0]] });
      case "replyEarly":
        if (from !== null) replyTo(from, { type: "early", count });
        return noreply(next);
      case "replyTwice":
        if (from === null) return noreply(next);
        return reply({ type: "first", count }, { count: count + 1, owed: [...owed, from] });
      case "settle":
        for (const caller of owed) replyTo(caller, { type: "late", count });
        return noreply({ count: count + 1, owed: [] });
      case "stop":
        return stopWith(reason, next);
      case "stopReply":
        return stopWith(reason, next, { type: "stopping", count });
      case "crash":
        throw new Error("boom");
      case "exit":
        return this.self.exit(reason);
      case "throw":
        return thrown(noreply(next));
      case "throwBad":
      case "bad":
        return thrown("bad");
      default:
        return noreply(next);
    }
  }
}

/** The spec of a child that is such a server; a flaky one fails every second time. */
export function specOf(diary: Diary, [id, restart, shutdown, significant, traits]: ChildStep): ChildSpec {
  const start = (self: Process): Promise<Pid> => {
    if (diary.attempt(id) % 2 === 0 && traits.includes("flaky")) throw new StartError("flaky", "a flaky child fails");
    return startLink(self, OracleServer, { diary, traits });
  };
  const given = typeof shutdown === "number" ? shutdown : shutdown === "infinity" ? "infinity" : "brutal_kill";
  return { id, start, restart, shutdown: given, significant: significant === 1 };
}

/** A supervisor of such servers. */
export class OracleSupervisor extends Supervisor.Module<SupervisorArg> {
  override init({ diary, flags: [strategy, maxRestarts, autoShutdown], children }: SupervisorArg): SupervisorInit {
    diary.born(this.self.pid, "supervisor");
    return Supervisor.init(
      children.map((child) => specOf(diary, child)),
      { strategy, maxRestarts, maxSeconds: 100_000, autoShutdown },
    );
  }
}

/** What it is told. */
export interface SupervisorArg {
  readonly diary: Diary;
  readonly flags: FlagStep;
  readonly children: readonly ChildStep[];
}

/** A result for where nobody waits for a reply. */
function quiet(result: CallResult<State, unknown>): CastResult<State> {
  return result.kind === "noreply" || result.kind === "stop" ? result : thrown(result);
}

function scriptOf(value: unknown): Script {
  return isScripted(value) ? value.script : isScript(value) ? value : ["noreply"];
}

function isScripted(value: unknown): value is { readonly script: Script } {
  return typeof value === "object" && value !== null && "script" in value && isScript(value.script);
}

function isScript(value: unknown): value is Script {
  return Array.isArray(value) && typeof value[0] === "string";
}

function thrown(value: unknown): never {
  throw value;
}
