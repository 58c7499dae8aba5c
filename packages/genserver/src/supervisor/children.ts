/**
 * The children of one supervisor, in the order in which they are started, with those that do not run at the moment.
 *
 * A child is found by its id and by its pid in constant time, so that the end of one of many costs no search.
 */
import type { Pid } from "@otp/core";

import type { Restart } from "../gen-server/child-spec.ts";
import { keyOf } from "./child-key.ts";
import type { CompleteSpec } from "./child-spec.ts";
import type { ChildState } from "./strategy.ts";

/** One child: its spec and what has become of it. Only `Children` changes it. */
export class Child implements ChildState {
  readonly spec: CompleteSpec;
  /** Grows from child to child in the order of starting. */
  readonly position: number;
  /** The process while it runs. */
  pid: Pid | null = null;
  /** Whether a restart has failed and the next attempt is due (SUP-15). */
  isRestarting = false;

  constructor(spec: CompleteSpec, position: number) {
    this.spec = spec;
    this.position = position;
  }

  get restart(): Restart {
    return this.spec.restart;
  }

  get significant(): boolean {
    return this.spec.significant;
  }

  get isActive(): boolean {
    return this.pid !== null || this.isRestarting;
  }
}

/** The table of one supervisor. */
export class Children implements Iterable<Child> {
  readonly #byId = new Map<unknown, Child>();
  readonly #byPid = new Map<Pid, Child>();
  #added = 0;

  /** Adds a child behind all others, or gives undefined when its id is taken. */
  add(spec: CompleteSpec): Child | undefined {
    const key = keyOf(spec.id);
    if (this.#byId.has(key)) return undefined;
    const child = new Child(spec, (this.#added += 1));
    this.#byId.set(key, child);
    return child;
  }

  /** Drops a child with its spec. */
  remove(child: Child): void {
    this.setStopped(child);
    this.#byId.delete(keyOf(child.spec.id));
  }

  /** The child of that id. */
  find(id: unknown): Child | undefined {
    return this.#byId.get(keyOf(id));
  }

  /** The child that runs as `pid`. */
  ofPid(pid: Pid): Child | undefined {
    return this.#byPid.get(pid);
  }

  /** Notes that `child` runs. */
  setRunning(child: Child, pid: Pid): void {
    this.setStopped(child);
    child.pid = pid;
    this.#byPid.set(pid, child);
  }

  /** Notes that `child` neither runs nor is about to. */
  setStopped(child: Child): void {
    child.isRestarting = false;
    if (child.pid === null) return;
    this.#byPid.delete(child.pid);
    child.pid = null;
  }

  /** Notes that `child` is to be started again later. */
  setRestarting(child: Child): void {
    this.setStopped(child);
    child.isRestarting = true;
  }

  /** How many run. */
  get running(): number {
    return this.#byPid.size;
  }

  /** How many there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** All, in the order of starting. */
  [Symbol.iterator](): Iterator<Child> {
    return this.#byId.values();
  }
}
