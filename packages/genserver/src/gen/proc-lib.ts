/**
 * Plain functions as processes with manners: they know their ancestors, are started synchronously if that is wanted, and
 * their crashes are reported (PLIB-1 … PLIB-6).
 *
 * @example
 * import { procLib } from "@otp/genserver";
 *
 * const pid = await procLib.start(node, async (self) => {
 *   procLib.initAck(self, self.pid);
 *   await self.receive();
 * });
 */
import {
  ArgumentError,
  type Duration,
  type Pid,
  type Process,
  type ProcessFunction,
  type Ref,
  type SpawnedMonitor,
  StartError,
} from "@otp/core";
import { type Body, ProcessControl, show } from "@otp/core/internal";

import { type Context, type ProcessContext, quietIn } from "./context.ts";
import { checkDuration } from "./duration.ts";
import { type Origin, seedOf } from "./origin.ts";
import { reportCrash } from "./report.ts";
import { settle } from "./settle.ts";
import { reasonOf } from "./start.ts";
import { acknowledge, awaitStart, bear, type Born, refuse, type Tie } from "./starting.ts";

/** How long a synchronous start may take. */
export interface StartTimeout {
  /** Milliseconds, by default `"infinity"`; then the process is killed (PLIB-3). */
  readonly timeout?: Duration;
}

/** What a start with a monitor has come to; the monitor stays in either case. */
export interface MonitoredStart {
  readonly result: { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: unknown };
  readonly ref: Ref;
}

/** Starts a process and returns its pid at once. */
export function spawn<Args extends readonly unknown[]>(
  context: Context,
  fn: ProcessFunction<unknown, Args>,
  ...args: Args
): Pid {
  return launch(context, fn, { args, tie: "none" }).child.pid;
}

/** Like `spawn`, linked. */
export function spawnLink<Args extends readonly unknown[]>(
  context: ProcessContext,
  fn: ProcessFunction<unknown, Args>,
  ...args: Args
): Pid {
  return launch(context, fn, { args, tie: "link" }).child.pid;
}

/** Like `spawn`, monitored. */
export function spawnMonitor<Args extends readonly unknown[]>(
  context: ProcessContext,
  fn: ProcessFunction<unknown, Args>,
  ...args: Args
): SpawnedMonitor {
  const { child, ref } = launch(context, fn, { args, tie: "monitor" });
  return { pid: child.pid, ref };
}

/**
 * Starts a process and resolves to what it acknowledges by `initAck`.
 *
 * Rejects with a `StartError`: what `initFail` said, `"timeout"`, or why the process ended before (PLIB-2).
 */
export function start<Args extends readonly unknown[]>(
  context: Context,
  fn: ProcessFunction<unknown, Args>,
  args?: Args,
  options?: StartTimeout,
): Promise<unknown> {
  const limit = limitOf(options);
  return quietIn(context, awaitStart(launch(context, fn, { args: args ?? [], tie: "none" }), limit));
}

/** Like `start`, linked; after a timeout nothing is heard of the process (PLIB-3). */
export function startLink<Args extends readonly unknown[]>(
  context: ProcessContext,
  fn: ProcessFunction<unknown, Args>,
  args?: Args,
  options?: StartTimeout,
): Promise<unknown> {
  const limit = limitOf(options);
  return quietIn(context, awaitStart(launch(context, fn, { args: args ?? [], tie: "link" }), limit));
}

/** Like `start`, monitored: a failing start is part of the result, and its DOWN follows (PLIB-3). */
export async function startMonitor<Args extends readonly unknown[]>(
  context: ProcessContext,
  fn: ProcessFunction<unknown, Args>,
  args?: Args,
  options?: StartTimeout,
): Promise<MonitoredStart> {
  const limit = limitOf(options);
  const born = launch(context, fn, { args: args ?? [], tie: "monitor" });
  const { ref } = born;
  try {
    return { result: { ok: true, value: await awaitStart(born, limit) }, ref };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return { result: { ok: false, reason: error.reason }, ref };
  }
}

/** Tells the starter that this process is ready; `value` is what its `start` resolves to. Counts once (G4). */
export function initAck(self: Process, value: unknown): "ok" {
  acknowledge(controlOf(self), value);
  return "ok";
}

/** Tells the starter that this process cannot be started, and ends it with `exitReason`, by default the same. */
export function initFail(self: Process, reason: unknown, exitReason: unknown = reason): never {
  refuse(controlOf(self), reason);
  return self.exit(exitReason);
}

interface Order {
  readonly args: readonly unknown[];
  readonly tie: Tie;
}

function launch(context: Context, fn: (...args: never) => unknown, { args, tie }: Order): Born {
  if (typeof fn !== "function") throw new ArgumentError(`expected a function to run as a process. Got: ${show(fn)}`);
  return bear(context, {
    makeBody: (self, origin) => new ReportingBody(self, origin, () => Reflect.apply(fn, undefined, [self, ...args])),
    initialCall: fn.name === "" ? "an anonymous function" : fn.name,
    tie,
    name: null,
  });
}

function limitOf(options: StartTimeout | undefined): Duration {
  return checkDuration(options?.timeout ?? "infinity", "a start timeout");
}

function controlOf(self: Process): ProcessControl {
  if (self instanceof ProcessControl) return self;
  throw new ArgumentError(`expected the process itself. Got: ${show(self)}`);
}

/** A function whose failing is reported, also when it fails by `exit` (LOG-2). */
class ReportingBody implements Body {
  readonly #self: ProcessControl;
  readonly #origin: Origin;
  readonly #run: () => unknown;

  constructor(self: ProcessControl, origin: Origin, run: () => unknown) {
    this.#self = self;
    this.#origin = origin;
    this.#run = run;
  }

  get initialCall(): string {
    return this.#origin.initialCall;
  }

  seed(): readonly (readonly [unknown, unknown])[] {
    return seedOf(this.#origin);
  }

  start(): unknown {
    const self = this.#self;
    // The kernel lets go of the body of a plain function, so what it knows is written down.
    for (const [key, value] of this.seed()) self.dictionary.put(key, value);
    self.needParts().initialCall = this.initialCall;
    return settle(this.#run, {
      returned: () => undefined,
      threw: (thrown) => {
        if (!self.isAlive) return;
        const reason = reasonOf(thrown);
        reportCrash(self, this.#origin, reason);
        self.terminate(reason);
      },
    });
  }
}
