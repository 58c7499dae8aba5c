/** In whose name something is done: a process's, or a node's for code outside any process. */
import { ArgumentError, Node, type Pid } from "@otp/core";
import { type Kernel, ProcessControl, show } from "@otp/core/internal";

/** A process, whatever messages it takes. */
export interface ProcessContext {
  readonly pid: Pid<never>;
  readonly node: Node;
}

/** The first argument of every function here: the calling process, or the node for code outside any process. */
export type Context = ProcessContext | Node;

/** The kernel of the context's node. @throws ArgumentError for what is no context. */
export function kernelOf(context: Context): Kernel {
  if (context instanceof ProcessControl) return context.kernel;
  if (context instanceof Node) return Node.kernelOf(context);
  throw new ArgumentError(`expected the calling process (self) or a node as the first argument. Got: ${show(context)}`);
}

/** The calling process; null outside any. @throws DeadProcessError when it has ended (JS-4). */
export function callerOf(context: Context): ProcessControl | null {
  if (!(context instanceof ProcessControl)) return null;
  context.assertAlive();
  return context;
}

/** The calling process. @throws ArgumentError outside any. */
export function processOf(context: Context, what: string): ProcessControl {
  const process = callerOf(context);
  if (process === null)
    throw new ArgumentError(`expected the calling process (self) to ${what}. Got: ${show(context)}`);
  return process;
}

/**
 * Gives back `promise`. Its failure is for whoever waits for it in a process; if nobody does, it must not end the whole
 * program (JS-9). Outside any process it is left to the program.
 */
export function quietIn<Value>(context: Context, promise: Promise<Value>): Promise<Value> {
  if (context instanceof ProcessControl) promise.catch(() => undefined);
  return promise;
}
