/**
 * The timers of a state machine: one for events, one for the state, and one per name (STATEM-6, STATEM-7).
 *
 * A timer that is over puts a message into the mailbox, so that what came before it is handled before. Time 0 sets no timer:
 * its event is due before the mailbox is looked at.
 */
import { type ProcessControl, TimerEntry } from "@otp/core/internal";

import type { MachineEvent, TimeoutAction, TimeoutKind } from "./event.ts";

/** A timer that has expired, as it stands in the mailbox. */
export class Expired {
  readonly timer: MachineTimer;

  constructor(timer: MachineTimer) {
    this.timer = timer;
  }
}

/** One running timer. */
export class MachineTimer extends TimerEntry {
  readonly #process: ProcessControl;
  readonly key: unknown;
  event: MachineEvent;

  constructor(process: ProcessControl, key: unknown, event: MachineEvent) {
    super();
    this.#process = process;
    this.key = key;
    this.event = event;
  }

  begin(ms: number): void {
    this.#process.ownTimer(this);
    this.#process.kernel.timers.start(this, ms);
  }

  end(): void {
    this.#process.kernel.timers.cancel(this);
    this.#process.disownTimer(this);
  }

  override expire(): void {
    this.#process.disownTimer(this);
    this.#process.accept(new Expired(this));
  }
}

const eventKey: unique symbol = Symbol("timeout");
const stateKey: unique symbol = Symbol("stateTimeout");

/** The timers of one machine. */
export class Timeouts {
  readonly #process: ProcessControl;
  readonly #running = new Map<unknown, MachineTimer>();
  /** Events of time 0, in the order in which they were set. */
  readonly #due = new Map<unknown, MachineEvent>();

  constructor(process: ProcessControl) {
    this.#process = process;
  }

  /** Does what an action says. */
  set(action: TimeoutAction): void {
    const { ms, content } = action;
    const key = keyOf(action.type, action.name);
    const event = eventOf(action.type, action.name, content);
    if (ms === "update" && this.#update(key, event)) return;
    this.#stop(key);
    if (ms === "infinity" || ms === "cancel") return;
    const delay = typeof ms !== "number" ? 0 : action.abs === true ? ms - this.#process.kernel.runtime.now() : ms;
    if (delay <= 0) {
      this.#due.set(key, event);
      return;
    }
    const timer = new MachineTimer(this.#process, key, event);
    this.#running.set(key, timer);
    timer.begin(delay);
  }

  /** Any event ends the event timeout. */
  eventHappened(): void {
    this.#stop(eventKey);
  }

  /** A change of state ends the state timeout. */
  stateLeft(): void {
    this.#stop(stateKey);
  }

  /** The next event of time 0, which is no longer due by this. */
  takeDue(): MachineEvent | undefined {
    for (const [key, event] of this.#due) {
      this.#due.delete(key);
      return event;
    }
    return undefined;
  }

  /** The event of a timer that has expired, unless it was stopped or set anew since. */
  take(timer: MachineTimer): MachineEvent | undefined {
    if (this.#running.get(timer.key) !== timer) return undefined;
    this.#running.delete(timer.key);
    return timer.event;
  }

  #update(key: unknown, event: MachineEvent): boolean {
    const timer = this.#running.get(key);
    if (timer !== undefined) timer.event = event;
    else if (this.#due.has(key)) this.#due.set(key, event);
    return timer !== undefined || this.#due.has(key);
  }

  #stop(key: unknown): void {
    this.#due.delete(key);
    this.#running.get(key)?.end();
    this.#running.delete(key);
  }
}

function keyOf(kind: TimeoutKind, name: unknown): unknown {
  if (kind === "timeout") return eventKey;
  return kind === "stateTimeout" ? stateKey : name;
}

function eventOf(kind: TimeoutKind, name: unknown, content: unknown): MachineEvent {
  return kind === "genericTimeout" ? { type: kind, name, content } : { type: kind, content };
}
