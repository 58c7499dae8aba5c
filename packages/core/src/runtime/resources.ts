/** Which resources of the host a piece of code asks for: how a simulator names what comes from outside it. */
import { createHook } from "node:async_hooks";

/** Something that will call back from outside, such as a `Timeout` or an `FSREQPROMISE`. */
export interface HostResource {
  readonly type: string;
  /** Where it was asked for. */
  readonly stack: string;
}

/** What every program makes all the time, and what waits for nothing but other code of the program. */
const inner: ReadonlySet<string> = new Set(["PROMISE", "TickObject", "Microtask", "Immediate", "AsyncResource"]);

/** Tells of every resource from now on; returns how to stop. Slows the program down. */
export function watchResources(tell: (resource: HostResource) => void): () => void {
  const hook = createHook({
    init(_id, type) {
      if (!inner.has(type)) tell({ type, stack: new Error(type).stack ?? "" });
    },
  });
  hook.enable();
  return () => {
    hook.disable();
  };
}
