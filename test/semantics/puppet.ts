/** Servers that do as the test says. */
import type { Pid, ViaModule } from "@otp/core";
import {
  type Call,
  type CallResult,
  type CastResult,
  type From,
  GenServer,
  type InitResult,
  noreply,
  ok,
} from "@otp/genserver";

/** What to do, as a function: made for tests, in which a server does as it is told. */
export type Told<Result> = (server: Puppet) => Result;

/** A server can be asked to do anything. */
export interface PuppetProtocol {
  call: Call<"do", unknown, { does: Told<unknown> }>;
  cast: { type: "do"; does: Told<unknown> };
}

/** A server whose callbacks do what the test says, and which tells the tester what is called. */
export class Puppet extends GenServer<unknown, PuppetProtocol, { init?: Told<unknown>; tell?: Pid; trap?: boolean }> {
  tell: Pid | undefined;

  override init({ init, tell, trap }: { init?: Told<unknown>; tell?: Pid; trap?: boolean }): InitResult<unknown> {
    this.tell = tell;
    this.self.trapExit = trap ?? false;
    return (init?.(this) ?? ok(0)) as InitResult<unknown>;
  }
  override handleCall(request: PuppetProtocol["call"], from: From, state: unknown): CallResult<unknown, unknown> {
    this.from = from;
    this.state = state;
    return request.does(this) as CallResult<unknown, unknown>;
  }
  override handleCast(message: PuppetProtocol["cast"], state: unknown): CastResult<unknown> {
    this.state = state;
    return message.does(this) as CastResult<unknown>;
  }
  override handleInfo(message: unknown, state: unknown): CastResult<unknown> {
    this.say("info", message);
    return noreply(state);
  }
  override handleContinue(value: unknown, state: unknown): CastResult<unknown> {
    this.say("continue", value);
    return (typeof value === "function" ? value(this) : noreply(state)) as CastResult<unknown>;
  }
  override terminate(reason: unknown): void {
    this.say("terminate", reason);
  }
  from: From | undefined;
  state: unknown;
  say(what: string, value: unknown): void {
    if (this.tell !== undefined) this.self.send(this.tell, { [what]: value });
  }
}

/** What a server with a timeout, or without callbacks, is made of. */
export class Bare extends GenServer<number> {
  override init() {
    return ok(0);
  }
}

/** A registry of names of its own, as a via module. */
export function viaMap(): ViaModule<string> {
  const pids = new Map<string, Pid>();
  return {
    registerName: (_context, name, pid) => {
      if (pids.has(name)) return "no";
      pids.set(name, pid);
      return "yes";
    },
    unregisterName: (_context, name) => {
      pids.delete(name);
    },
    whereisName: (_context, name) => pids.get(name),
    send: () => {
      throw new Error("not used");
    },
  };
}
