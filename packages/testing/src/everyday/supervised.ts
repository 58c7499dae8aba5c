/** Children that live as long as a test. */
import type { Node } from "@otp/core";
import { show } from "@otp/core/internal";
import { type ChildLike, type PidOfChild, type RightChild, Supervisor } from "@otp/genserver";

import { atTestEnd } from "./probe.ts";

/**
 * What ends when the test ends.
 *
 * @see startSupervised
 */
export interface SupervisedOptions {
  /** Is given what stops the child, instead of the test that is running. */
  readonly onEnd?: (stop: () => Promise<void>) => void;
}

/**
 * Starts a child, in any form that a supervisor takes, under a supervisor of its own, and stops both when the test ends: what
 * was started last is stopped first. Resolves to the child's pid. In a simulation the node's end stops it.
 *
 * @example
 * import { Node } from "@otp/core";
 * import { Agent } from "@otp/genserver";
 *
 * await using node = await Node.start();
 * const agent = await startSupervised(node, Agent.childSpec(() => 7));
 * await Agent.get(node, agent, (state) => state); // => 7
 *
 * const stops: (() => Promise<void>)[] = [];
 * await startSupervised(node, Agent.childSpec(() => 8), { onEnd: (stop) => stops.push(stop) });
 * await stops[0]?.();
 */
export async function startSupervised<Child extends ChildLike>(
  node: Node,
  child: Child & NoInfer<RightChild<Child>>,
  { onEnd = atTestEnd }: SupervisedOptions = {},
): Promise<PidOfChild<Child>> {
  const supervisor = await Supervisor.start(node, [], { strategy: "one_for_one" });
  const stop = async (): Promise<void> => {
    if (node.isProcessAlive(supervisor)) await Supervisor.stop(node, supervisor);
  };
  const started = await Supervisor.startChild<Child>(node, supervisor, child);
  if (!started.ok || started.pid === undefined) {
    await stop();
    throw new Error(`the child could not be started: ${show(started)}`);
  }
  onEnd(stop);
  return started.pid;
}
