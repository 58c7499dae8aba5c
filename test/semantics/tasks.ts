/** What tests of tasks need besides a world. */
import type { Node, Process } from "@otp/core";

import { keptLog } from "./behaviour.ts";
import { play, type Scene } from "./world.ts";

/** A scene in which processes may fail without a line on the screen. */
export const quietly =
  (scene: Scene): (() => Promise<void>) =>
  () =>
    play(scene, { logger: keptLog([]) });

/** What a process has of others, besides itself. */
export function tracesOf(self: Process, node: Node): unknown {
  return { ...node.info(self.pid, ["messages", "links", "monitors"]), aliases: node.check() };
}

/** Nothing of it. */
export const noTrace = { messages: [], links: [], monitors: [], aliases: [] };

/** The code of a task that takes its time. */
export async function afterMs<Value>(self: Process, ms: number, value: Value): Promise<Value> {
  await self.sleep(ms);
  return value;
}
