/** Starting tasks: here at once, on another node by a request, and in both cases with the pid in hand. */
import { ArgumentError, type Pid, type Ref } from "@otp/core";
import { type Body, type ProcessControl, show } from "@otp/core/internal";

import { type Context, kernelOf, processOf } from "../gen/context.ts";
import type { Origin } from "../gen/origin.ts";
import { bear } from "../gen/starting.ts";
import {
  checkTravels,
  nameOf,
  orderFrom,
  parseArguments,
  type TaskArguments,
  type TaskOrder,
  type Work,
} from "./order.ts";
import { release, ReplyAddress, runTask, TaskBody } from "./task-body.ts";

/** A task under way, whatever its result. */
export interface StartedTask {
  readonly pid: Pid;
  /** Of the monitor by which its owner waits for it. */
  readonly ref: Ref;
  readonly fn: string;
}

/** Starts a task whose owner is linked to it and waits for its result (TASK-1). */
export function startAsync(context: Context, given: TaskArguments): StartedTask {
  const self = processOf(context, "own a task");
  const { fn, args, node } = placed(context, given);
  if (node === null) return startHere(self, orderFrom(self, { fn, args, isHeld: false }));
  const pid = self.spawnLink({ node }, runTask, orderFrom(self, { fn, args, isHeld: true }));
  return { ...watchHeld(self, pid), fn: nameOf(fn) };
}

/** Starts a task here, linked to `self`, which waits for its result. */
export function startHere(self: ProcessControl, order: TaskOrder): StartedTask {
  const { pid, replyTo } = bearTask(self, order, "link");
  const ref = self.monitor(pid, { alias: "demonitor" });
  replyTo.ref = ref;
  return { pid, ref, fn: nameOf(order.fn) };
}

/** Watches a held task and lets it begin. */
export function watchHeld(self: ProcessControl, pid: Pid): Pick<StartedTask, "pid" | "ref"> {
  const ref = self.monitor(pid, { alias: "demonitor" });
  release(self, pid, ref);
  return { pid, ref };
}

/** Starts a task whose result nobody waits for. */
export function startAlone(context: Context, given: TaskArguments, tie: "none" | "link"): Pid {
  const { fn, args, node } = placed(context, given);
  const order = orderFrom(context, { fn, args, isHeld: false });
  if (node === null) return bearTask(context, order, tie).pid;
  if (tie === "link") return processOf(context, "be linked to a task").spawnLink({ node }, runTask, order);
  const { host } = kernelOf(context);
  return order.starter === null
    ? host.spawn({ node }, runTask, order)
    : processOf(context, "start a task").spawn({ node }, runTask, order);
}

interface BornTask {
  readonly pid: Pid;
  readonly replyTo: ReplyAddress;
}

interface Placed extends Work {
  /** Another node, null for this one. */
  readonly node: string | null;
}

function placed(context: Context, given: TaskArguments): Placed {
  const { options, fn, args } = parseArguments(given);
  const stranger = Object.keys(options).find((option) => option !== "node");
  if (stranger !== undefined) throw new ArgumentError(`expected the option node for a task. Got: ${stranger}`);
  const node = "node" in options ? options.node : undefined;
  if (node === undefined || node === kernelOf(context).own.name) return { fn, args, node: null };
  if (typeof node !== "string") throw new ArgumentError(`expected node to be the name of a node. Got: ${show(node)}`);
  checkTravels(fn, node);
  return { fn, args, node };
}

function bearTask(context: Context, order: TaskOrder, tie: "none" | "link"): BornTask {
  const replyTo = new ReplyAddress();
  const makeBody = (child: ProcessControl, origin: Origin): Body => new TaskBody(child, origin, { order, replyTo });
  const { child } = bear(context, { makeBody, initialCall: nameOf(order.fn), tie, name: null });
  return { pid: child.pid, replyTo };
}
