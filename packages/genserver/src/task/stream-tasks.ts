/** The tasks of a run of a stream: started alone or under a supervisor, each with its clock, and killed together. */
import { type Duration, type Pid, type Ref } from "@otp/core";
import { type ProcessControl, TimerEntry } from "@otp/core/internal";

import type { TaskReply } from "./gathering.ts";
import { startHere, watchHeld } from "./launch.ts";
import type { TaskOrder } from "./order.ts";
import { startedPid, startSupervised, type Supervision } from "./supervised.ts";

/** How the tasks are started. */
export interface StreamWork {
  /** The order for each element, without it. */
  readonly order: TaskOrder;
  /** The supervisor of the tasks, null for none. */
  readonly supervision: Supervision | null;
  /** Whether a task is linked to the run. */
  readonly isLinked: boolean;
  /** How long an element may take. */
  readonly timeout: Duration;
}

/** What the run is told, each in a turn of its own process. */
export interface StreamEvents {
  readonly late: (element: StreamElement) => void;
  readonly notStarted: (error: unknown) => void;
}

/** Something to be done in the turn of the run's process. */
export class Notice {
  readonly act: () => void;

  constructor(act: () => void) {
    this.act = act;
  }
}

/** An element under way. */
export class StreamElement extends TimerEntry {
  readonly position: number;
  readonly input: unknown;
  /** The process of its task; null while a supervisor is asked for it. */
  pid: Pid | null = null;
  reply: TaskReply | null = null;
  isLate = false;
  isOver = false;
  readonly #ring: () => void;

  constructor(position: number, input: unknown, ring: (element: StreamElement) => void) {
    super();
    this.position = position;
    this.input = input;
    this.#ring = () => ring(this);
  }

  override expire(): void {
    this.#ring();
  }
}

/** The tasks that run. */
export class StreamTasks {
  readonly #self: ProcessControl;
  readonly #work: StreamWork;
  readonly #events: StreamEvents;
  readonly #running = new Map<Ref, StreamElement>();
  readonly #starting = new Set<StreamElement>();
  #isKilled = false;

  constructor(self: ProcessControl, work: StreamWork, events: StreamEvents) {
    this.#self = self;
    this.#work = work;
    this.#events = events;
  }

  /** Whether there is none, and none to come. */
  get isEmpty(): boolean {
    return this.#running.size === 0 && this.#starting.size === 0;
  }

  /** Starts the task of an element. */
  start(position: number, input: unknown): void {
    const { order, supervision, timeout } = this.#work;
    const element = new StreamElement(position, input, (late) => this.#notify(() => this.#events.late(late)));
    if (timeout !== "infinity") {
      this.#self.kernel.timers.start(element, timeout);
      this.#self.ownTimer(element);
    }
    const full: TaskOrder = { ...order, args: [input], isHeld: supervision !== null };
    if (supervision === null) this.#watch(element, startHere(this.#self, full));
    else this.#startUnder(supervision, element, full);
  }

  /** Notes the result of a task. */
  replied(reply: TaskReply): void {
    const element = this.#running.get(reply.ref);
    if (element === undefined || element.isLate) return;
    element.reply = reply;
    this.#stopClock(element);
  }

  /** Takes out the element whose task has ended. */
  ended(ref: Ref): StreamElement | undefined {
    const element = this.#running.get(ref);
    if (element === undefined) return undefined;
    this.#running.delete(ref);
    element.isOver = true;
    this.#stopClock(element);
    return element;
  }

  /** Ends the task of an element, or sees to it that it does not begin. */
  kill(element: StreamElement): void {
    if (element.pid !== null) this.#self.sendExit(element.pid, "kill");
  }

  /** Ends all tasks, also those that are to come. */
  killAll(): void {
    this.#isKilled = true;
    for (const element of [...this.#running.values(), ...this.#starting]) {
      this.#stopClock(element);
      this.kill(element);
    }
  }

  #startUnder(supervision: Supervision, element: StreamElement, order: TaskOrder): void {
    this.#starting.add(element);
    startSupervised(this.#self, supervision, order)
      .then(startedPid)
      .then(
        (pid) => this.#notify(() => this.#started(element, pid)),
        (error: unknown) => this.#notify(() => this.#notStarted(element, error)),
      );
  }

  #started(element: StreamElement, pid: Pid): void {
    this.#starting.delete(element);
    if (this.#work.isLinked) this.#self.link(pid);
    this.#watch(element, watchHeld(this.#self, pid));
    if (this.#isKilled || element.isLate) this.kill(element);
  }

  #notStarted(element: StreamElement, error: unknown): void {
    this.#starting.delete(element);
    this.#stopClock(element);
    this.#events.notStarted(error);
  }

  #watch(element: StreamElement, { pid, ref }: { readonly pid: Pid; readonly ref: Ref }): void {
    element.pid = pid;
    this.#running.set(ref, element);
  }

  #notify(act: () => void): void {
    this.#self.accept(new Notice(act));
  }

  #stopClock(element: StreamElement): void {
    this.#self.kernel.timers.cancel(element);
    this.#self.disownTimer(element);
  }
}
