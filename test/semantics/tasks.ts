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

/** All that there is, in a list. */
export async function toArray<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Takes as many ms as it is told, or never ends. */
export async function takes(task: Process, ms: number): Promise<number> {
  await task.sleep(ms < 0 ? "infinity" : ms);
  return ms;
}

/** An outcome with a value. */
export const ok = (value: unknown): unknown => ({ ok: true, value });
/** An outcome with a reason. */
export const failed = (reason: unknown): unknown => ({ ok: false, reason });
