/**
 * Starting a process and waiting until it says that it is ready (PLIB-1): `start`, `startLink` and `startMonitor` of every
 * behaviour.
 *
 * A behaviour gives a `boot` function, which runs in the new process after its name is registered, calls the user's `init`
 * and says what to go on with. The start is a `PendingCall` in the new process's list of open calls, so that its end
 * before the acknowledgement ends the start, and nothing is acknowledged twice (G4).
 */
import { ArgumentError, ExitError, type Pid, type Ref, StartError } from "@otp/core";
import {
  addLink,
  type Body,
  callTimeout,
  keepMonitor,
  PendingCall,
  type ProcessControl,
  show,
  watch,
} from "@otp/core/internal";

import { callerOf, type Context, kernelOf } from "./context.ts";
import { checkDuration } from "./duration.ts";
import { type Origin, originFrom, seedOf } from "./origin.ts";
import { holderOf, registerElsewhere, releaseName } from "./register.ts";
import { reportCrash } from "./report.ts";
import { checkName, type ServerName } from "./server-name.ts";
import { settle } from "./settle.ts";

/** Options of every start function. */
export interface StartOptions {
  /** Registered before `init` runs; none by default. */
  readonly name?: ServerName | null | undefined;
  /** Milliseconds that `init` may take; the process is killed when they are over (GS-8). Default `"infinity"`. */
  readonly timeout?: number | "infinity" | undefined;
}

/** What a behaviour's `boot` has come to. */
export type Booted =
  /** The start is acknowledged, `first` runs in the same turn, and `body` handles messages from then on. */
  | { readonly kind: "run"; readonly body: Body; readonly first?: () => unknown }
  /** The process ends `normal`, the start fails with `"ignore"` (GS-3). */
  | { readonly kind: "ignore" }
  /** The process ends with `reason`, which is also why the start fails. */
  | { readonly kind: "refuse"; readonly reason: unknown };

/** Brings a behaviour to life in its own process; what it throws is why the start fails (GS-4). */
export type Boot = (self: ProcessControl, origin: Origin) => Booted | PromiseLike<Booted>;

/** How the starter is tied to the new process. */
export type Tie = "none" | "link" | "monitor";

/** All that a start needs. */
export interface StartPlan {
  readonly boot: Boot;
  /** For reports, such as `Counter.init`. */
  readonly initialCall: string;
  readonly tie: Tie;
  readonly options: StartOptions | undefined;
}

/** A started process; `ref` is of the monitor, if one was wanted. */
export interface Started {
  readonly pid: Pid;
  readonly ref: Ref;
}

/**
 * Starts a behaviour.
 *
 * @throws StartError (as a rejection): `{ type: "already_started", pid }`, `"ignore"`, `"timeout"` or why `init` failed.
 * ArgumentError for options that make no sense; what a via module throws.
 */
export function startProcess(context: Context, plan: StartPlan): Promise<Started> {
  const kernel = kernelOf(context);
  const starter = callerOf(context);
  if (plan.tie !== "none" && starter === null) {
    throw new ArgumentError(`expected the calling process (self) to ${plan.tie} to the new one. Got: ${show(context)}`);
  }
  const name = checkName(plan.options?.name);
  const timeout = checkDuration(plan.options?.timeout ?? "infinity", "a start timeout");
  const holder = name === null ? undefined : holderOf(kernel, name);
  if (holder !== undefined) return Promise.reject(startError({ type: "already_started", pid: holder }));
  const origin = originFrom(starter, { name, initialCall: plan.initialCall, isLinked: plan.tie === "link" });
  const leader = starter?.groupLeader ?? kernel.leader;
  const child = kernel.spawnFor((self) => new Launch(self, origin, plan.boot), leader);
  if (typeof name === "string") registerOrDiscard(child, name);
  const ref = starter === null ? kernel.noRef : tie(starter, child, plan.tie);
  return new Promise((resolve, reject) => {
    const starting = new PendingCall(kernel, starter, undefined, (outcome) => {
      if (outcome.ok) {
        resolve({ pid: child.pid, ref });
        return;
      }
      if (starter !== null) starter.demonitor(ref, { flush: true });
      if (outcome === callTimeout) discard(child, starter);
      reject(startError(outcome.reason));
    });
    starting.watch(child, timeout);
    child.needParts().starting = starting;
  });
}

/** The error of a start that failed with `reason`. */
export function startError(reason: unknown): StartError {
  const why = reason instanceof Error ? `${reason.name}: ${reason.message}` : show(reason);
  return new StartError(reason, `the process could not be started: ${why}`, { cause: reason });
}

/** The first body of a behaviour process: names it, boots it, and hands over to the body that handles messages. */
class Launch implements Body {
  readonly #self: ProcessControl;
  readonly #origin: Origin;
  readonly #boot: Boot;

  constructor(self: ProcessControl, origin: Origin, boot: Boot) {
    this.#self = self;
    this.#origin = origin;
    this.#boot = boot;
  }

  get initialCall(): string {
    return this.#origin.initialCall;
  }

  seed(): readonly (readonly [unknown, unknown])[] {
    return seedOf(this.#origin);
  }

  start(): unknown {
    const { name } = this.#origin;
    if (name === null || typeof name === "string") return this.#run();
    return settle(() => registerElsewhere(this.#self, name), {
      returned: (answer) => (answer === "yes" ? this.#run() : this.#nameTaken(name)),
      threw: (thrown) => this.#fail(reasonOf(thrown)),
    });
  }

  /** The behaviour has taken over before any message is handled. */
  handle(): void {}

  #run(): unknown {
    if (!this.#self.isAlive) return undefined;
    return settle(() => this.#boot(this.#self, this.#origin), {
      returned: (booted) => this.#goOn(booted),
      threw: (thrown) => this.#fail(reasonOf(thrown)),
    });
  }

  #goOn(booted: Booted): unknown {
    const self = this.#self;
    if (!self.isAlive) return undefined;
    switch (booted.kind) {
      case "run":
        self.body = booted.body;
        takeStarting(self)?.reply(undefined);
        return booted.first?.();
      case "ignore":
        return this.#end("normal", "ignore");
      case "refuse":
        return this.#fail(booted.reason);
    }
  }

  #fail(reason: unknown): unknown {
    if (!this.#self.isAlive) return undefined;
    reportCrash(this.#self, this.#origin, reason);
    return this.#end(reason, reason);
  }

  /** Someone was faster: nothing was started, so nothing is heard of it (GS-7). */
  #nameTaken(name: ServerName): void {
    const self = this.#self;
    if (!self.isAlive) return;
    const pid = holderOf(self.kernel, name);
    const { parent } = this.#origin;
    if (parent !== null) self.unlink(parent);
    takeStarting(self)?.close({ ok: false, reason: { type: "already_started", pid } });
    self.terminate("normal");
  }

  /** The name is free before the start returns (GS-6, G3). */
  #end(exitReason: unknown, startReason: unknown): unknown {
    const self = this.#self;
    const finish = (): void => {
      if (!self.isAlive) return;
      takeStarting(self)?.close({ ok: false, reason: startReason });
      self.terminate(exitReason);
    };
    return settle(() => releaseName(self, this.#origin.name), { returned: finish, threw: finish });
  }
}

/** The start that waits for this process; the first who takes it answers it (G4). */
export function takeStarting(self: ProcessControl): PendingCall | null {
  const { parts } = self;
  if (parts === null) return null;
  const { starting } = parts;
  parts.starting = null;
  return starting;
}

/** What an uncaught error, exit or throw makes of a process (JS-8). */
export function reasonOf(thrown: unknown): unknown {
  if (thrown instanceof ExitError) return thrown.exitReason;
  return thrown instanceof Error ? thrown : { nocatch: thrown };
}

function tie(starter: ProcessControl, child: ProcessControl, how: Tie): Ref {
  const { kernel } = starter;
  if (how === "link") {
    addLink(starter, child.pid);
    addLink(child, starter.pid);
  }
  if (how !== "monitor") return kernel.noRef;
  const ref = starter.makeRef();
  keepMonitor(starter, { ref, pid: child.pid, object: child.pid, tag: "DOWN", alias: null });
  watch(child, ref, { pid: starter.pid, name: null });
  return ref;
}

function registerOrDiscard(child: ProcessControl, name: string): void {
  try {
    child.kernel.register(name, child.pid);
  } catch (error) {
    child.terminate("normal");
    throw error;
  }
}

/** Kills a process that took too long, so that no EXIT of it arrives (PLIB-3). */
function discard(child: ProcessControl, starter: ProcessControl | null): void {
  if (starter !== null) starter.unlink(child.pid);
  child.kernel.endings.end(child, "killed");
}
