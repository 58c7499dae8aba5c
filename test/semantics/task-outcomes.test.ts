/** Chapter 18, what an owner can ask of tasks besides their results: outcomes, ends, and several at once. */
import { ArgumentError, type Process } from "@otp/core";
import { Task } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { callFailure, failure } from "./behaviour.ts";
import { afterMs, noTrace, quietly, tracesOf } from "./tasks.ts";
import { arrivals, pause, waits } from "./world.ts";

describe("yield, shutdown, ignore", () => {
  it(
    "T-TASK-06 yield",
    quietly(async (self) => {
      self.trapExit = true;
      const task = Task.async(self, afterMs, 40, 1);
      expect(await Task.yield(self, task, 5)).toBeUndefined();
      expect(await Task.yield(self, task, 0)).toBeUndefined();
      expect(await Task.yield(self, task, 200)).toEqual({ ok: true, value: 1 });
      const failing = Task.async(self, (task) => task.exit("oops"));
      expect(await Task.yield(self, failing)).toEqual({ ok: false, reason: "oops" });
    }),
  );

  it(
    "T-TASK-07 shutdown results",
    quietly(async (self, { node }) => {
      self.trapExit = true;
      const sleeping = Task.async(self, waits);
      const replied = Task.async(self, () => "v");
      const abnormal = Task.async(self, (task) => task.exit("abn"));
      const normal = Task.async(self, (task) => task.exit("normal"));
      const shut = Task.async(self, (task) => task.exit("shutdown"));
      await pause(self);
      expect(await Task.shutdown(self, sleeping)).toBeUndefined();
      expect(await Task.shutdown(self, replied)).toEqual({ ok: true, value: "v" });
      expect(await Task.shutdown(self, abnormal)).toEqual({ ok: false, reason: "abn" });
      expect(await Task.shutdown(self, normal)).toEqual({ ok: false, reason: "normal" });
      expect(await Task.shutdown(self, shut)).toBeUndefined();
      const left = await arrivals(self);
      expect(left.filter((message) => (message as { type: string }).type !== "EXIT")).toEqual([]);
      expect(node.info(self.pid, "monitors")).toEqual([]);
    }),
  );

  it(
    "TASK-6 a task that will not end is killed, a killed one and one that replies on the way out say so",
    quietly(async (self, { node, runtime }) => {
      const stubborn = (task: Process): Promise<void> => {
        task.trapExit = true;
        return waits(task);
      };
      const before = runtime.now();
      const deaf = Task.async(self, stubborn);
      await pause(self);
      expect(await Task.shutdown(self, deaf, 50)).toEqual({ ok: false, reason: "killed" });
      expect(runtime.now() - before).toBe(51);
      const brutal = Task.async(self, stubborn);
      await pause(self);
      expect(await Task.shutdown(self, brutal, "brutal_kill")).toBeUndefined();
      const polite = Task.async(self, async (task: Process) => {
        task.trapExit = true;
        await task.receive({ type: "EXIT" });
        return "last words";
      });
      await pause(self);
      expect(await Task.shutdown(self, polite)).toEqual({ ok: true, value: "last words" });
      expect(tracesOf(self, node)).toEqual(noTrace);
    }),
  );

  it(
    "T-TASK-08 ignore",
    quietly(async (self, { node }) => {
      const slow = Task.async(self, afterMs, 30, 1);
      expect(await Task.ignore(self, slow)).toBeUndefined();
      expect(node.info(self.pid, "links")).toEqual([]);
      expect(await arrivals(self)).toEqual([]);
      const done = Task.async(self, () => 2);
      await pause(self);
      expect(await Task.ignore(self, done)).toEqual({ ok: true, value: 2 });
      for (const task of [slow, done]) {
        expect((await callFailure(Task.await(self, task, 10))).reason).toBe("timeout");
      }
    }),
  );

  it(
    "TASK-7 a completed task gives its value, and has no process",
    quietly(async (self) => {
      expect(await Task.await(self, Task.completed(self, "now"))).toBe("now");
      expect(await Task.yield(self, Task.completed(self, "now"), 0)).toEqual({ ok: true, value: "now" });
      expect(await failure(Task.shutdown(self, Task.completed(self, 1)))).toMatchObject({
        message: /does not have an associated task process/,
      });
    }),
  );
});

describe("many tasks", () => {
  it(
    "T-TASK-09 await_many",
    quietly(async (self, { node, runtime }) => {
      self.trapExit = true;
      const tasks = [30, 10, 20].map((ms) => Task.async(self, afterMs, ms, ms));
      expect(await Task.awaitMany(self, tasks)).toEqual([30, 10, 20]);
      expect(await Task.awaitMany(self, [])).toEqual([]);
      self.flush();
      const sleeping = [Task.async(self, () => 1), Task.async(self, waits)];
      const before = runtime.now();
      const error = await callFailure(Task.awaitMany(self, sleeping, 20));
      expect(runtime.now() - before).toBe(20);
      expect(error).toMatchObject({ reason: "timeout", operation: "Task.awaitMany", target: sleeping, timeoutMs: 20 });
      const mixed = [Task.async(self, waits), Task.async(self, (task) => task.exit("u"))];
      expect((await callFailure(Task.awaitMany(self, mixed))).reason).toBe("u");
      expect(runtime.now() - before).toBe(20);
      expect(node.info(self.pid, "monitors")).toEqual([]);
      expect((await arrivals(self)).map((message) => (message as { type: string }).type)).toEqual(["EXIT", "EXIT"]);
    }),
  );

  it(
    "T-TASK-10 yield_many",
    quietly(async (self, { node }) => {
      self.trapExit = true;
      const start = () => [
        Task.async(self, () => 1),
        Task.async(self, waits),
        Task.async(self, (task) => task.exit("x")),
      ];
      const expected = [{ ok: true, value: 1 }, undefined, { ok: false, reason: "x" }];
      const tasks = start();
      const yielded = await Task.yieldMany(self, tasks, 50);
      expect(yielded.map(({ outcome }) => outcome)).toEqual(expected);
      expect(yielded.map(({ task }) => task)).toEqual(tasks);
      const [, sleeping] = tasks;
      expect(node.isProcessAlive(sleeping?.pid ?? self.pid)).toBe(true);
      const others = start();
      const killed = await Task.yieldMany(self, others, { timeout: 50, onTimeout: "kill_task" });
      expect(killed.map(({ outcome }) => outcome)).toEqual(expected);
      expect(node.isProcessAlive(others[1]?.pid ?? self.pid)).toBe(false);
      const ignored = start();
      await Task.yieldMany(self, ignored, { timeout: 50, onTimeout: "ignore" });
      expect(node.info(self.pid, "links")).toEqual([sleeping?.pid]);
    }),
  );

  it(
    "TASK-8 yield_many is content with as many outcomes as its limit says",
    quietly(async (self, { runtime }) => {
      const tasks = [30, 10, 20].map((ms) => Task.async(self, afterMs, ms, ms));
      const before = runtime.now();
      const some = await Task.yieldMany(self, tasks, { limit: 2, onTimeout: "kill_task" });
      expect(runtime.now() - before).toBe(20);
      expect(some.map(({ outcome }) => outcome)).toEqual([undefined, { ok: true, value: 10 }, { ok: true, value: 20 }]);
      expect(await Task.yield(self, tasks[0] ?? Task.completed(self, 0))).toEqual({ ok: true, value: 30 });
      expect(() => Task.yieldMany(self, [], { limit: 0 })).toThrow(ArgumentError);
    }),
  );
});
