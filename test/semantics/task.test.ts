/** Chapter 18, tasks: one function in a process of its own, and its owner who fetches the result. */
import { ArgumentError, CallError, ConcurrentReceiveError, type Process } from "@otp/core";
import { Supervisor, Task, type TaskReply } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { callFailure, failure, inAnother, keptLog, type LogLine } from "./behaviour.ts";
import { afterMs, noTrace, quietly, tracesOf } from "./tasks.ts";
import { arrivals, isolations, next, pause, play, playing, reasonOf, waits } from "./world.ts";

describe.each(isolations)("results, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-TASK-01 async and await",
    play(async (self, { node }) => {
      expect(
        await Task.await(
          self,
          Task.async(self, () => 42),
        ),
      ).toBe(42);
      expect(tracesOf(self, node)).toEqual(noTrace);
      const later = Task.async(self, afterMs<string>, 30, "v");
      expect(await Task.await(self, later)).toBe("v");
      expect(tracesOf(self, node)).toEqual(noTrace);
    }),
  );

  it(
    "T-TASK-02 Message shapes",
    play(async (self) => {
      const task = Task.async(self, () => ({ v: [1] }));
      const reply: TaskReply = { type: "task_reply", ref: task.ref, result: { v: [1] } };
      expect(await next(self)).toEqual(reply);
      expect(await next(self)).toEqual({ type: "DOWN", ref: task.ref, object: task.pid, reason: "normal" });
      expect(task).toMatchObject({ owner: self.pid });
    }),
  );

  it(
    "JS-6 a result is isolated from what the task keeps",
    play(async (self) => {
      if (isolation === "share") return;
      const task = Task.async(self, async (task) => {
        const kept = { n: 1 };
        task.spawn(() => undefined);
        return kept;
      });
      const result = await Task.await(self, task);
      expect(result).toEqual({ n: 1 });
      expect(isolation === "copy" || Object.isFrozen(result)).toBe(true);
    }),
  );
});

describe("awaiting", () => {
  it(
    "T-TASK-03 await timeout",
    quietly(async (self, { node, runtime }) => {
      const task = Task.async(self, afterMs, 60, "late");
      const before = runtime.now();
      const error = await callFailure(Task.await(self, task, 10));
      expect(runtime.now() - before).toBe(10);
      expect(error).toMatchObject({ reason: "timeout", operation: "Task.await", target: task, timeoutMs: 10 });
      expect(error.message).toMatch(/^exited in: Task\.await\(\{ pid: .*\}, 10\)\n {4}\*\* \(EXIT\) time out$/s);
      expect(node.isProcessAlive(task.pid ?? self.pid)).toBe(true);
      expect(await arrivals(self, 200)).toEqual([]);
      expect(tracesOf(self, node)).toEqual(noTrace);
    }),
  );

  it(
    "T-TASK-04 Failing tasks, trapping owner",
    quietly(async (self) => {
      self.trapExit = true;
      const broken = new RangeError("broken");
      const fail = (fn: (self: Process) => unknown): Promise<CallError> =>
        callFailure(Task.await(self, Task.async(self, fn)));
      expect((await fail((task) => task.exit("boom"))).reason).toBe("boom");
      expect((await fail(() => Promise.reject(broken))).reason).toBe(broken);
      expect(
        (
          await fail(() => {
            throw broken;
          })
        ).reason,
      ).toBe(broken);
      expect(
        (
          await fail(async () => {
            throw "o";
          })
        ).reason,
      ).toEqual({ nocatch: "o" });
      expect((await fail((task) => task.exit("normal"))).reason).toBe("normal");
      expect((await arrivals(self)).map((message) => (message as { type: string }).type)).toEqual(
        Array.from({ length: 5 }, () => "EXIT"),
      );
    }),
  );

  it(
    "TASK-4 a crashing task brings down an owner that does not trap, before await reports",
    quietly(async (self) => {
      const told: unknown[] = [];
      const reason = await reasonOf(self, async (owner) => {
        try {
          await Task.await(
            owner,
            Task.async(owner, (task) => task.exit("bad")),
          );
        } catch (error) {
          told.push(error);
        }
      });
      expect(reason).toBe("bad");
      expect(told).toEqual([]);
    }),
  );

  it(
    "TASK-4 an owner that crashes takes the task along, one that ends normally does not",
    quietly(async (self, { node }) => {
      for (const [how, survives] of [
        ["bad", false],
        ["normal", true],
      ] as const) {
        const pids: unknown[] = [];
        await reasonOf(self, async (owner) => {
          const { pid } = Task.async(owner, waits);
          pids.push(pid);
          await pause(owner);
          owner.exit(how);
        });
        const [pid] = pids;
        const alive = node.processes().find((running) => running === pid);
        expect(alive !== undefined).toBe(survives);
        if (alive !== undefined) self.sendExit(alive, "kill");
      }
    }),
  );

  it(
    "an owner that does not catch a failing await ends with it, as with a failing call",
    quietly(async (self) => {
      const reason = await reasonOf(self, async (owner) => {
        await Task.await(owner, Task.async(owner, waits), 5);
      });
      expect(reason).toBeInstanceOf(CallError);
      expect(reason).toMatchObject({ reason: "timeout", operation: "Task.await" });
    }),
  );

  it(
    "T-TASK-05 Owner checks",
    quietly(async (self) => {
      const task = Task.async(self, () => 1);
      const ask = [Task.await, Task.yield, Task.shutdown, Task.ignore].map(
        (query) => (other: Process) => query(other, task),
      );
      for (const query of ask) {
        const error = await failure(inAnother(self, async (other) => query(other)));
        expect(error).toBeInstanceOf(ArgumentError);
        expect(String(error)).toMatch(/must be queried from the owner but was queried from #PID/);
      }
      expect(await Task.await(self, task)).toBe(1);
      expect((await callFailure(Task.await(self, task, 20))).reason).toBe("timeout");
    }),
  );

  it(
    "several tasks are awaited at once, beside a receive; the same one is not",
    quietly(async (self) => {
      const one = Task.async(self, afterMs, 20, 1);
      const two = Task.async(self, afterMs, 10, 2);
      const message = self.receive({ type: "hello" });
      const results = Promise.all([Task.await(self, one), Task.await(self, two)]);
      expect(() => Task.await(self, one)).toThrow(ConcurrentReceiveError);
      self.send(self.pid, { type: "hello" });
      expect(await message).toEqual({ type: "hello" });
      expect(await results).toEqual([1, 2]);
      expect(self.flush()).toEqual([]);
    }),
  );

  it(
    "CALL-8 a time limit that is none, and a context that is no process, are refused before anything happens",
    quietly(async (self, { node }) => {
      const task = Task.async(self, () => 1);
      for (const limit of [-1, 1.5, Number.NaN]) expect(() => Task.await(self, task, limit)).toThrow(ArgumentError);
      expect(() => Reflect.apply(Task.async, Task, [node, () => 1])).toThrow(/expected the calling process/);
      expect(() => Reflect.apply(Task.async, Task, [self, "f"])).toThrow(/expected a task as/);
      expect(() => Reflect.apply(Task.async, Task, [self, { nod: "x" }, () => 1])).toThrow(/the option node.*nod/);
      expect(await Task.await(self, task)).toBe(1);
    }),
  );

  it(
    "a task gets its process, whose signal is aborted when the task is ended",
    quietly(async (self) => {
      const heard: unknown[] = [];
      const task = Task.async(self, async (task: Process) => {
        task.signal.addEventListener("abort", () => heard.push(task.signal.reason));
        await task.sleep("infinity");
      });
      await pause(self);
      expect(await Task.shutdown(self, task)).toBeUndefined();
      expect(heard).toEqual(["shutdown"]);
    }),
  );

  it(
    "JS-9 a failing await that nobody waits for ends nothing",
    quietly(async (self) => {
      self.trapExit = true;
      void Task.await(
        self,
        Task.async(self, (task) => task.exit("unheard")),
      );
      void Task.awaitMany(self, [Task.async(self, (task) => task.exit("unheard"))]);
      await pause(self);
    }),
  );
});

describe("where tasks come from", () => {
  it(
    "T-TASK-11 callers",
    quietly(async (self) => {
      const callers = (task: Process): unknown => task.dictionary.get("$callers");
      const seen = await Task.await(
        self,
        Task.async(self, async (task) => [task.pid, callers(task), await Task.await(task, Task.async(task, callers))]),
      );
      const [pid] = seen;
      expect(seen).toEqual([pid, [self.pid], [pid, self.pid]]);
    }),
  );

  it(
    "TASK-9 ancestors, group leader, and the spec of a child",
    quietly(async (self, { node }) => {
      const task = Task.async(self, function add(task: Process) {
        return [task.dictionary.get("$ancestors"), task.dictionary.get("$initial_call"), task.groupLeader];
      });
      expect(await Task.await(self, task)).toEqual([[self.pid], "add", self.groupLeader]);
      expect(task.fn).toBe("add");
      const got: unknown[] = [];
      const take = (child: Process): void => void got.push(child.dictionary.get("$ancestors"));
      expect(Task.childSpec(take)).toMatchObject({ id: "Task", restart: "temporary" });
      const root = await Supervisor.startLink(self, [[Task, take]], { strategy: "one_for_one" });
      await pause(self);
      expect(got).toEqual([[root, self.pid]]);
      expect(node.info(root, "links")).toEqual([self.pid]);
      await Supervisor.stop(self, root);
      expect(() => Reflect.apply(Task.childSpec, Task, ["x"])).toThrow(ArgumentError);
    }),
  );

  it("TASK-10 a failing task is reported with starter, function and arguments; a shutdown is not", async () => {
    const lines: LogLine[] = [];
    await play(
      async (self, { node }) => {
        const broken = new Error("boom");
        const pid = Task.start(
          self,
          function breaks(_task: Process, ..._args: readonly unknown[]) {
            throw broken;
          },
          1,
          { two: 2 },
        );
        Task.start(node, (task) => task.exit("bad"));
        for (const reason of ["normal", "shutdown", { shutdown: 1 }]) Task.start(self, (task) => task.exit(reason));
        await pause(self);
        const told = lines.filter(({ event }) => event === "task_terminate");
        expect(told).toHaveLength(2);
        expect(told[0]).toMatchObject({
          msg: `Task ${pid} started from ${self.pid} terminating`,
          pid: String(pid),
          starter: String(self.pid),
          function: "breaks",
          args: ["1", "{ two: 2 }"],
          reason: "Error: boom",
          err: { message: "boom" },
        });
        expect(told[1]).toMatchObject({
          starter: "outside any process",
          function: "an anonymous function",
          reason: "bad",
        });
        expect(lines.filter(({ event }) => event === "crash_report")).toHaveLength(2);
      },
      { logger: keptLog(lines) },
    );
  });
});
