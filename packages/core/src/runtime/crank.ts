/**
 * Cranking: one step, then all microtasks it caused, then the next step.
 *
 * When the microtask queue has been drained, nothing of the host is under way that is not a kernel's business, so whoever
 * steps knows exactly when every process waits. Node can drain the queue synchronously from within a macrotask, which costs a
 * fraction of a microsecond; where that does not work there is a macrotask between two steps instead. Both make the same run.
 */

const { setImmediate } = globalThis;

/** What is to be done next: another step, nothing any more, or a step when that has settled. */
export type Cranked = "again" | "over" | Promise<unknown>;

/** What is cranked. */
export interface Machine {
  /** Does one thing. */
  step(): Cranked;
  /** The host is going to do other things now. */
  leave(): void;
  /** The host has done other things since `leave`. */
  enter(): void;
}

/** Steps between two macrotasks, so that the host's timers and I/O get their turn. */
const burstLength = 2_000;

/** Steps `machine` until it says that all is over; rejects with what it throws. */
export function crank(machine: Machine): Promise<void> {
  return new Promise((resolve, reject) => {
    let drain: (() => void) | null | undefined;
    const later = (): void => void setImmediate(burst);
    const run = (): Cranked => {
      for (let left = drain === null ? 1 : burstLength; left > 0; left -= 1) {
        const next = machine.step();
        if (next !== "again") return next;
        drain?.();
      }
      if (drain !== null) machine.leave();
      return "again";
    };
    const burst = (): void => {
      try {
        if (drain === undefined) drain = findDrain();
        machine.enter();
        const next = run();
        if (next === "over") resolve();
        else if (next === "again") later();
        else next.then(later, later);
      } catch (error) {
        reject(error);
      }
    };
    later();
  });
}

/** How to drain the microtasks from within a macrotask; null where the host does not offer it, or it does not do what it should. */
function findDrain(): (() => void) | null {
  const found: unknown = Reflect.get(process, "_tickCallback");
  if (typeof found !== "function") return null;
  const drain = (): void => {
    Reflect.apply(found, process, []);
  };
  let isDrained = false;
  let chain = Promise.resolve();
  for (let hop = 0; hop < 100; hop += 1) chain = chain.then(() => undefined);
  void chain.then(() => (isDrained = true));
  drain();
  return isDrained ? drain : null;
}
