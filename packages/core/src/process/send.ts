/** Sending with a look at the way: to other nodes, whose buffers are not endless (TR-8), and who may not be connected (NODE-18). */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { type Address } from "../term/address.ts";
import { Pid } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";
import type { ControlBlock } from "./control-block.ts";
import type { Kernel } from "./kernel.ts";

/** How `send` may be varied; with options it says what became of the message (NODE-18). */
export interface SendOptions {
  /** False: do not connect to the node of the receiver for this message. */
  readonly connect?: boolean;
  /** False: do not send while more waits for the node of the receiver than it takes. */
  readonly suspend?: boolean;
}

/** What became of a message: sent, or not, because that would have connected to a node, or filled a buffer further. */
export type SendOutcome = "ok" | "noconnect" | "nosuspend";

/** Sends, unless the options are against it. */
export function sendWith<Sent>(
  process: ControlBlock,
  { to, message }: { readonly to: Address<Sent>; readonly message: Sent },
  options: SendOptions,
): SendOutcome {
  const { connect = true, suspend = true } = checkOptions(options);
  const { kernel } = process;
  const node = nodeOf(kernel, to);
  const reach = node === undefined ? "ready" : kernel.services.reach(node);
  if (reach === "unconnected" && !connect) return "noconnect";
  if (reach === "busy" && !suspend) return "nosuspend";
  kernel.send(process.pid, to, kernel.isolate(message));
  return "ok";
}

/** Sends, and waits until there is room for more. Like every wait it is over for ever when the process ends (JS-4). */
export function sendAwait<Sent>(process: ControlBlock, to: Address<Sent>, message: Sent): Promise<Sent> {
  const { kernel } = process;
  return new Promise((resolve) => {
    kernel.send(process.pid, to, kernel.isolate(message));
    const node = nodeOf(kernel, to);
    if (node === undefined) resolve(message);
    else
      kernel.services.whenReady(node, () => {
        if (process.isAlive) resolve(message);
      });
  });
}

/** The other node that an address leads to. */
function nodeOf(kernel: Kernel, to: Address): string | undefined {
  if (to instanceof Pid) return kernel.isOwnPid(kernel.localize(to)) ? undefined : to.node;
  if (typeof to === "string") return undefined;
  if (to instanceof Ref || "node" in to) return to.node === kernel.own.name ? undefined : to.node;
  const holder = "global" in to ? kernel.services.whereisGlobal(to.global) : to.via.whereisName(kernel.host, to.name);
  return holder === undefined ? undefined : nodeOf(kernel, holder);
}

function checkOptions(options: SendOptions): SendOptions {
  if (typeof options !== "object" || options === null) {
    throw new ArgumentError(`expected send options as an object. Got: ${show(options)}`);
  }
  for (const [option, value] of Object.entries(options)) {
    if (option !== "connect" && option !== "suspend") {
      throw new ArgumentError(`expected send options out of connect, suspend. Got: ${option}`);
    }
    if (typeof value !== "boolean")
      throw new ArgumentError(`expected ${option} to be true or false. Got: ${show(value)}`);
  }
  return options;
}
