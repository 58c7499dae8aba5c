/**
 * The process side of a state machine: turns messages into events, calls back, and carries out what `step.ts` decides.
 *
 * Inserted and retried events are handled in a loop before control goes back to the kernel; a callback's promise suspends
 * that loop and the process with it (JS-10).
 */
import { type Body, PendingCall, type ProcessControl } from "@otp/core/internal";

import { isRemoteFrom } from "../gen/from.ts";
import { type Origin, seedOf } from "../gen/origin.ts";
import { isPromise } from "../gen/settle.ts";
import { reasonOf } from "../gen/start.ts";
import type { Debug } from "../sys/debug.ts";
import { acceptsWhileSuspended, handleSystem, isSystemMessage, type SystemTarget } from "../sys/handle.ts";
import type { ShownStatus, Status } from "../sys/status.ts";
import type { MachineCallbacks } from "./callbacks.ts";
import { endMachine } from "./ending.ts";
import type { MachineEvent } from "./event.ts";
import { MachineResult } from "./result.ts";
import { type Position, type Step, takeStep } from "./step.ts";
import { Expired, Timeouts } from "./timeouts.ts";

/** A running machine. */
export class MachineLoop implements Body, SystemTarget {
  readonly self: ProcessControl;
  readonly origin: Origin;
  readonly machine: MachineCallbacks;
  debug: Debug | null = null;
  accepts: ((message: unknown) => boolean) | null = null;
  #position: Position = { state: undefined, data: undefined, queue: [], postponed: [] };
  readonly #timeouts: Timeouts;

  constructor(self: ProcessControl, origin: Origin, machine: MachineCallbacks) {
    this.self = self;
    this.origin = origin;
    this.machine = machine;
    this.#timeouts = new Timeouts(self);
  }

  get initialCall(): string {
    return this.origin.initialCall;
  }

  /** What `sys` shows and gives out (STATEM-11). */
  get state(): { readonly state: unknown; readonly data: unknown } {
    const { state, data } = this.#position;
    return { state, data };
  }

  seed(): readonly (readonly [unknown, unknown])[] {
    return seedOf(this.origin);
  }

  /** The kernel has called the `start` of the body before. */
  start(): void {}

  /** Begins where `init` says. */
  begin(result: MachineResult): unknown {
    const begun = new MachineResult("repeat", {
      ...(result.data === null ? {} : { data: result.data }),
      actions: result.actions,
    });
    this.#position = { ...this.#position, state: result.state?.value };
    return this.#thenRun(this.#take(begun, null));
  }

  handle(message: unknown): unknown {
    if (isSystemMessage(message)) return handleSystem(this, message);
    if (message instanceof Expired) {
      const event = this.#timeouts.take(message.timer);
      return event === undefined ? undefined : this.#thenRun(this.#dispatch(event));
    }
    if (this.#isParentExit(message)) return this.stop(message.reason, message);
    return this.#thenRun(this.#dispatch(eventFrom(message)));
  }

  stop(reason: unknown, message: unknown): unknown {
    return endMachine(this, reason, message);
  }

  changeState(change: (state: unknown) => unknown): unknown {
    const changed = change(this.state);
    if (typeof changed !== "object" || changed === null || !("state" in changed) || !("data" in changed)) {
      throw new TypeError("expected { state, data } from the function that replaces the state of a machine");
    }
    this.#position = { ...this.#position, state: changed.state, data: changed.data };
    return this.state;
  }

  changeCode(oldVersion: unknown, extra: unknown): unknown {
    if (this.machine.codeChange === undefined) return "ok";
    const changed = this.machine.codeChange(oldVersion, this.state, extra);
    const take = (inside: unknown): unknown => {
      this.changeState(() => inside);
      return "ok";
    };
    return isPromise(changed) ? Promise.resolve(changed).then(take) : take(changed);
  }

  formatStatus(status: Status): ShownStatus {
    return this.machine.formatStatus?.(status) ?? status;
  }

  setSuspended(on: boolean): void {
    this.accepts = on ? (message) => acceptsWhileSuspended(message, this.origin) : null;
  }

  #isParentExit(message: unknown): message is { readonly reason: unknown } {
    if (typeof message !== "object" || message === null || !("type" in message) || message.type !== "EXIT")
      return false;
    return "from" in message && message.from === this.origin.parent && "reason" in message;
  }

  /** Handles what is inserted and due, until the mailbox has to be looked at. */
  #run(): unknown {
    while (this.self.isAlive) {
      const event = this.#next();
      if (event === undefined) return undefined;
      const pending = this.#dispatch(event);
      if (isPromise(pending)) return pending.then(() => this.#run());
    }
    return undefined;
  }

  #thenRun(pending: unknown): unknown {
    return isPromise(pending) ? pending.then(() => this.#run()) : this.#run();
  }

  #next(): MachineEvent | undefined {
    const [event, ...queue] = this.#position.queue;
    if (event === undefined) return this.#timeouts.takeDue();
    this.#position = { ...this.#position, queue };
    return event;
  }

  #dispatch(event: MachineEvent): unknown {
    if (event.type !== "enter") this.#timeouts.eventHappened();
    this.debug?.record({ type: "in", message: event });
    let returned: unknown;
    try {
      returned = this.machine.handle(event, this.#position.state, this.#position.data);
    } catch (thrown) {
      return this.#threw(thrown, event);
    }
    if (returned instanceof MachineResult || !isPromise(returned)) return this.#take(returned, event);
    return Promise.resolve(returned).then(
      (value) => this.#take(value, event),
      (thrown: unknown) => this.#threw(thrown, event),
    );
  }

  #threw(thrown: unknown, event: MachineEvent): unknown {
    if (!this.self.isAlive) return undefined;
    // A thrown value counts as returned (STATEM-2).
    return thrown instanceof Error ? this.stop(reasonOf(thrown), event) : this.#take(thrown, event);
  }

  #take(result: unknown, event: MachineEvent | null): unknown {
    if (!this.self.isAlive) return undefined;
    return this.#carryOut(takeStep(this.#position, result, { event, entersStates: this.machine.stateEnter }), event);
  }

  #carryOut(step: Step, event: MachineEvent | null): unknown {
    if (step.kind === "stop") {
      this.#position = { ...this.#position, data: step.data };
      for (const { send } of step.replies) send();
      return this.stop(step.reason, event);
    }
    this.#position = step.position;
    let entered: MachineEvent | undefined;
    for (const effect of step.effects) {
      if (effect.type === "reply") effect.action.send();
      else if (effect.type === "leave") this.#timeouts.stateLeft();
      else if (effect.type === "timer") this.#timeouts.set(effect.action);
      else entered = { type: "enter", oldState: effect.oldState };
    }
    this.debug?.record({ type: "noreply", state: this.state });
    return entered === undefined ? undefined : this.#dispatch(entered);
  }
}

/** The event that a message is. */
function eventFrom(message: unknown): MachineEvent {
  if (message instanceof PendingCall) return { type: "call", from: message, request: message.request };
  if (typeof message === "object" && message !== null && "type" in message) {
    if (message.type === "$gen_cast" && "message" in message) return { type: "cast", message: message.message };
    if (message.type === "$gen_call" && "from" in message && isRemoteFrom(message.from) && "request" in message) {
      return { type: "call", from: message.from, request: message.request };
    }
  }
  return { type: "info", message };
}
