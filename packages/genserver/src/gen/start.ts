/**
 * Starting a behaviour: `start`, `startLink` and `startMonitor` of all of them.
 *
 * A behaviour gives a `boot` function, which runs in the new process after its name is registered, calls the user's `init`
 * and says what to go on with.
 */
import { type Duration, ExitError, type Pid } from "@otp/core";
import { type Body, type ProcessControl } from "@otp/core/internal";

import { type Context, kernelOf, quietIn } from "./context.ts";
import { checkDuration } from "./duration.ts";
import { type Origin, seedOf } from "./origin.ts";
import { holderOf, registerElsewhere, releaseName } from "./register.ts";
import { reportCrash } from "./report.ts";
import { checkName, type ServerName } from "./server-name.ts";
import { isPromise, settle } from "./settle.ts";
import {
  acknowledge,
  awaitMonitored,
  awaitPid,
  bear,
  type Born,
  refuse,
  refuseStart,
  type Started,
  type Tie,
} from "./starting.ts";

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

/** All that a start needs. */
export interface StartPlan {
  readonly boot: Boot;
  /** For reports, such as `Counter.init`. */
  readonly initialCall: string;
  readonly tie: Tie;
  readonly options: StartOptions | undefined;
}

/**
 * Starts a behaviour and resolves to its pid.
 *
 * @throws StartError (as a rejection): `{ type: "already_started", pid }`, `"ignore"`, `"timeout"` or why `init` failed.
 * ArgumentError for options that make no sense; what a via module throws.
 */
export function startProcess(context: Context, plan: StartPlan): Promise<Pid> {
  return begin(context, plan, awaitPid);
}

/** The same with a monitor, which is gone again when the start fails. */
export function startMonitored(context: Context, plan: StartPlan): Promise<Started> {
  return begin(context, plan, awaitMonitored);
}

function begin<Result>(
  context: Context,
  { boot, initialCall, tie, options }: StartPlan,
  wait: (born: Born, timeout: Duration) => Promise<Result>,
): Promise<Result> {
  try {
    const name = checkName(options?.name);
    const timeout = checkDuration(options?.timeout ?? "infinity", "a start timeout");
    const holder = name === null ? undefined : holderOf(kernelOf(context), name);
    if (holder !== undefined) return refuseStart(context, { type: "already_started", pid: holder });
    const makeBody = (self: ProcessControl, origin: Origin): Body => new Launch(self, origin, boot);
    return wait(bear(context, { makeBody, initialCall, tie, name }), timeout);
  } catch (error) {
    return quietIn(context, Promise.reject<Result>(error));
  }
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
    let booted: Booted | PromiseLike<Booted>;
    try {
      booted = this.#boot(this.#self, this.#origin);
    } catch (thrown) {
      return this.#fail(reasonOf(thrown));
    }
    if (!isPromise(booted)) return this.#goOn(booted);
    return Promise.resolve(booted).then(
      (later) => this.#goOn(later),
      (thrown: unknown) => this.#fail(reasonOf(thrown)),
    );
  }

  #goOn(booted: Booted): unknown {
    const self = this.#self;
    if (!self.isAlive) return undefined;
    switch (booted.kind) {
      case "run":
        self.code = booted.body;
        acknowledge(self, undefined);
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
    refuse(self, { type: "already_started", pid });
    self.terminate("normal");
  }

  /** The name is free before the start returns (GS-6, G3). */
  #end(exitReason: unknown, startReason: unknown): unknown {
    const self = this.#self;
    const finish = (): void => {
      if (!self.isAlive) return;
      refuse(self, startReason);
      self.terminate(exitReason);
    };
    return settle(() => releaseName(self, this.#origin.name), { returned: finish, threw: finish });
  }
}

/** What an uncaught error, exit or throw makes of a process (JS-8). */
export function reasonOf(thrown: unknown): unknown {
  if (thrown instanceof ExitError) return thrown.exitReason;
  return thrown instanceof Error ? thrown : { nocatch: thrown };
}
