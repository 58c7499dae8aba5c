/** `trace(pid)`: each message that a process of this node gets, printed as it arrives. */
import { ArgumentError, Node, type Pid } from "@otp/core";
import { PendingCall } from "@otp/core/internal";

/** Where to print what is seen. */
export interface Tracer {
  readonly print: (text: string) => void;
  readonly show: (value: unknown) => string;
}

/** Begins to trace a process, or ends it where no tracer is given; the pid. @throws ArgumentError for no process of this node. */
export function trace(node: Node, target: Pid | string, tracer: Tracer | undefined): Pid {
  const pid = typeof target === "string" ? node.whereis(target) : target;
  const process = pid === undefined ? null : Node.kernelOf(node).find(pid);
  if (process === null || pid === undefined) {
    throw new ArgumentError(`expected a living process of this node to trace. Got: ${String(target)}`);
  }
  // In front of the method of its class, and only of this one process.
  Reflect.deleteProperty(process, "accept");
  if (tracer === undefined) return pid;
  const accept = process.accept.bind(process);
  Object.defineProperty(process, "accept", {
    configurable: true,
    value: (message: unknown): void => {
      const isCall = message instanceof PendingCall;
      const shown = isCall ? `call ${tracer.show(message.request)}` : tracer.show(message);
      tracer.print(`** ${String(pid)} got ${shown}`);
      accept(message);
    },
  });
  return pid;
}
