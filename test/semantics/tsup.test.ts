/** Chapter 18, Task.Supervisor: tasks as children, which can be counted, stopped, and fail alone. */
import { ArgumentError, type Pid, type Process, remote, StartError } from "@otp/core";
import { Supervisor, sys, Task } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { cluster, inProcess } from "../support/clusters.ts";
import { callFailure, failure } from "./behaviour.ts";
import { afterMs, failed, ok, quietly, toArray } from "./tasks.ts";
import { arrivals, next, pause, reasonOf, waits } from "./world.ts";

const { Supervisor: Tasks } = Task;

async function child(started: ReturnType<typeof Tasks.startChild>): Promise<Pid> {
  const result = await started;
  if (!result.ok) throw new Error("the task did not start");
  return result.pid;
}

describe("Task.Supervisor", () => {
  it(
    "T-TSUP-01 async",
    quietly(async (self, { node }) => {
      const tasks = await Tasks.startLink(self);
      const task = await Tasks.async(self, tasks, afterMs, 10, "v");
      expect(await Tasks.children(self, tasks)).toEqual([task.pid]);
      expect(new Set(node.info(task.pid ?? self.pid, "links"))).toEqual(new Set([self.pid, tasks]));
      expect(await Task.await(self, task)).toBe("v");
      await pause(self);
      expect(await Tasks.children(self, tasks)).toEqual([]);
      expect(self.flush()).toEqual([]);
      expect(node.info(self.pid, "monitors")).toEqual([]);
    }),
  );

  it(
    "T-TSUP-02 async_nolink failure",
    quietly(async (self) => {
      const tasks = await Tasks.start(self);
      const failing = (task: Process): never => task.exit("boom");
      const { ref, pid } = await Tasks.asyncNolink(self, tasks, failing);
      expect(await next(self)).toEqual({ type: "DOWN", ref, object: pid, reason: "boom" });
      const error = await callFailure(Task.await(self, await Tasks.asyncNolink(self, tasks, failing)));
      expect(error).toMatchObject({ reason: "boom", operation: "Task.await" });
      expect(await arrivals(self)).toEqual([]);
      const reason = await reasonOf(self, async (owner) => {
        await Tasks.async(owner, tasks, failing);
        await waits(owner);
      });
      expect(reason).toBe("boom");
    }),
  );

  it(
    "T-TSUP-03 max_children",
    quietly(async (self) => {
      const tasks = await Tasks.startLink(self, { maxChildren: 1 });
      const pid = await child(Tasks.startChild(self, tasks, waits));
      expect(await Tasks.startChild(self, tasks, waits)).toEqual({ ok: false, reason: "max_children" });
      for (const start of [Tasks.async, Tasks.asyncNolink]) {
        const error = await failure(start(self, tasks, waits));
        expect(error).toBeInstanceOf(StartError);
        expect(error).toMatchObject({ reason: "max_children" });
        expect(String(error)).toMatch(/reached the maximum number of tasks/);
      }
      expect(await Tasks.terminateChild(self, tasks, pid)).toEqual({ ok: true });
      expect(await Tasks.terminateChild(self, tasks, pid)).toEqual({ ok: false, reason: "not_found" });
      expect(await Task.await(self, await Tasks.async(self, tasks, () => 1))).toBe(1);
    }),
  );

  it(
    "T-TSUP-04 Children are temporary",
    quietly(async (self, { node }) => {
      const tasks = await Tasks.startLink(self);
      const once = await child(Tasks.startChild(self, tasks, waits));
      const always = await child(Tasks.startChild(node, { supervisor: tasks, restart: "permanent" }, waits));
      self.sendExit(once, "kill");
      self.sendExit(always, "kill");
      await pause(self);
      const [again, ...others] = await Tasks.children(self, tasks);
      expect(others).toEqual([]);
      expect(again).not.toBe(always);
      expect(node.isProcessAlive(tasks)).toBe(true);
    }),
  );

  it(
    "TSUP-1 a task has 5,000 ms to end, or what is said for it",
    quietly(async (self, { runtime }) => {
      const stubborn = (task: Process): Promise<void> => {
        task.trapExit = true;
        return waits(task);
      };
      for (const [shutdown, ms] of [
        [undefined, 5_000],
        [70, 70],
        ["brutal_kill", 0],
      ] as const) {
        const tasks = await Tasks.start(self);
        await Tasks.startChild(self, { supervisor: tasks, ...(shutdown === undefined ? {} : { shutdown }) }, stubborn);
        await pause(self);
        const before = runtime.now();
        await Tasks.stop(self, tasks);
        expect(runtime.now() - before).toBe(ms);
      }
      const tasks = await Tasks.start(self);
      const refused = Tasks.async(self, Object.assign({ supervisor: tasks }, { restart: "permanent" }), waits);
      expect(await failure(refused)).toBeInstanceOf(ArgumentError);
    }),
  );

  it(
    "TSUP-3 an async_nolink task outlives its caller; one that its caller has not released yet ends with it",
    quietly(async (self) => {
      const tasks = await Tasks.start(self);
      await reasonOf(self, async (owner) => {
        await Tasks.asyncNolink(owner, tasks, waits);
        await pause(owner);
        owner.exit("bad");
      });
      const [survivor, ...others] = await Tasks.children(self, tasks);
      expect(others).toEqual([]);
      self.sendExit(survivor ?? self.pid, "kill");
      const ran: unknown[] = [];
      await sys.suspend(self, tasks);
      const owner = self.spawn(async (owner: Process) => {
        await Tasks.asyncNolink(owner, tasks, (task: Process) => void ran.push(task.pid));
      });
      await pause(self);
      self.sendExit(owner, "kill");
      await sys.resume(self, tasks);
      await pause(self);
      expect(ran).toEqual([]);
      expect(await Tasks.children(self, tasks)).toEqual([]);
    }),
  );

  it(
    "awaiting a task whose supervisor is stopped ends with shutdown, and counts as one",
    quietly(async (self) => {
      const tasks = await Tasks.start(self);
      const task = await Tasks.asyncNolink(self, tasks, waits);
      const error = callFailure(Task.await(self, task));
      await Tasks.stop(self, tasks);
      expect((await error).reason).toBe("shutdown");
      expect((await callFailure(Tasks.async(self, tasks, waits))).reason).toBe("noproc");
    }),
  );

  it(
    "callers are the owner's, ancestors the supervisor's; the supervisor is a child of others",
    quietly(async (self) => {
      const root = await Supervisor.startLink(self, [[Tasks, { name: "tasks" }]], { strategy: "one_for_one" });
      const task = await Tasks.async(self, "tasks", (task: Process) => [
        task.dictionary.get("$callers"),
        task.dictionary.get("$ancestors"),
      ]);
      expect(await Task.await(self, task)).toEqual([[self.pid], ["tasks", root, self.pid]]);
      const [{ id, modules } = { id: 0, modules: [] }] = await Supervisor.whichChildren(self, root);
      expect([id, modules]).toEqual(["tasks", ["Task.Supervisor"]]);
      await Supervisor.stop(self, root);
    }),
  );
});

const remoteSum = remote("test/tsup/sum", (self: Process, a: number, b: number): [string, number] => [
  self.node.name,
  a + b,
]);
const remoteWait = remote("test/tsup/wait", async (self: Process): Promise<void> => {
  await self.sleep("infinity");
});
const remoteFail = remote("test/tsup/fail", (): never => {
  throw new RangeError("far away");
});

const remoteSquare = remote("test/tsup/square", async (self: Process, n: number): Promise<number> => {
  if (n < 0) await self.sleep("infinity");
  return n * n;
});

describe("tasks on other nodes", () => {
  it("run where they are told to, alone and under a supervisor there, and fail as here", async () => {
    const [here, there] = await (await cluster()).mesh("here@x", "there@x");
    if (here === undefined || there === undefined) throw new Error("no nodes");
    await inProcess(there, async (self) => {
      await Tasks.start(self, { name: "tasks" });
    });
    const node = there.name;
    const under = { name: "tasks", node };
    await inProcess(here, async (self) => {
      self.trapExit = true;
      expect(await Task.await(self, Task.async(self, { node }, remoteSum, 1, 2))).toEqual([node, 3]);
      expect(await Task.await(self, await Tasks.async(self, under, remoteSum, 3, 4))).toEqual([node, 7]);
      const failing = await callFailure(Task.await(self, await Tasks.asyncNolink(self, under, remoteFail)));
      expect(failing.reason).toBeInstanceOf(RangeError);
      expect(() =>
        Task.async(
          self,
          { node },
          Object.assign(() => 1),
        ),
      ).toThrow(/expected a function made by remote/);
      expect(await failure(Tasks.async(self, under, () => 1))).toMatchObject({
        message: /expected a function made by remote/,
      });
      const waiting = await Tasks.asyncNolink(self, under, remoteWait);
      expect(await Tasks.children(self, under)).toEqual([waiting.pid]);
      expect(await Task.shutdown(self, waiting)).toBeUndefined();
      const lost = Task.async(self, { node }, remoteWait);
      const error = callFailure(Task.await(self, lost));
      await there.stop();
      expect((await error).reason).toEqual({ nodedown: node });
      expect(here.info(self.pid, "monitors")).toEqual([]);
    });
  });

  it("streams run under a supervisor there, and a lost node is an outcome for what ran on it", async () => {
    const [here, there] = await (await cluster()).mesh("here@x", "there@x");
    if (here === undefined || there === undefined) throw new Error("no nodes");
    await inProcess(there, async (self) => {
      await Tasks.start(self, { name: "tasks" });
    });
    const supervisor = { name: "tasks", node: there.name };
    await inProcess(here, async (self) => {
      const outcomes = await toArray(
        Tasks.asyncStream(self, { supervisor, maxConcurrency: 2 }, [3, 1, 2], remoteSquare),
      );
      expect(outcomes).toEqual([9, 1, 4].map(ok));
      for await (const outcome of Tasks.asyncStreamNolink(
        self,
        { supervisor, maxConcurrency: 3 },
        [2, -1, -1],
        remoteSquare,
      )) {
        expect(outcome).toEqual(ok(4));
        break;
      }
      expect(await Tasks.children(self, supervisor)).toEqual([]);
      const lost = toArray(Tasks.asyncStreamNolink(self, { supervisor, maxConcurrency: 2 }, [-1, -1], remoteSquare));
      while ((await Tasks.children(self, supervisor)).length < 2) await self.sleep(1);
      await there.stop();
      expect(await lost).toEqual([failed("noconnection"), failed("noconnection")]);
      expect(here.info(self.pid, ["messages", "links", "monitors"])).toEqual({ messages: [], links: [], monitors: [] });
      expect(here.check()).toEqual([]);
    });
  });

  it("a node that lets peers spawn some functions only holds to that for tasks", async () => {
    const world = await cluster();
    const { node: here } = await world.start("here@x");
    const { node: there } = await world.start("there@x", { allowSpawn: ["test/tsup/sum"] });
    const node = there.name;
    await inProcess(here, async (self) => {
      self.trapExit = true;
      expect(await Task.await(self, Task.async(self, { node }, remoteSum, 1, 2))).toEqual([node, 3]);
      const refused = Task.async(self, { node }, remoteSquare, 3);
      // The link tells why; to the monitor there never was a process.
      expect(await self.receive({ type: "EXIT", from: refused.pid })).toMatchObject({ reason: "notsup" });
      expect((await callFailure(Task.await(self, refused))).reason).toBe("noproc");
    });
  });
});
