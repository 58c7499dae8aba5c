/** Chapter 18, streams of tasks: one per element, a few at a time, and nothing left behind. */
import { ArgumentError, CallError, type Process, StartError } from "@otp/core";
import { Task } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { failure } from "./behaviour.ts";
import { failed, noTrace, ok, quietly, takes, toArray, tracesOf } from "./tasks.ts";
import { arrivals, isolations, pause, playing, reasonOf } from "./world.ts";

const { Supervisor: Tasks } = Task;

describe.each(isolations)("outcomes, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-STREAM-01 Order",
    play(async (self, { node }) => {
      const ms = [40, 30, 20, 10];
      const inOrder = Task.asyncStream(self, ms, takes, { maxConcurrency: 4 });
      expect(await toArray(inOrder)).toEqual(ms.map(ok));
      const asTheyCome = Task.asyncStream(self, ms, takes, { ordered: false, maxConcurrency: 4 });
      expect(await toArray(asTheyCome)).toEqual([10, 20, 30, 40].map(ok));
      expect(tracesOf(self, node)).toEqual(noTrace);
      expect(node.processes()).toHaveLength(2);
    }),
  );
});

describe("time limits", () => {
  it(
    "T-STREAM-02 Timeout",
    quietly(async (self, { node, runtime }) => {
      const before = runtime.now();
      const error = await failure(toArray(Task.asyncStream(self, [1, -1, 1], takes, { timeout: 10 })));
      expect(runtime.now() - before).toBe(10);
      expect(error).toBeInstanceOf(CallError);
      expect(error).toMatchObject({ reason: "timeout", operation: "Task.asyncStream", target: -1, timeoutMs: 10 });
      expect(await arrivals(self)).toEqual([]);
      expect(tracesOf(self, node)).toEqual(noTrace);
      expect(node.processes()).toHaveLength(2);
    }),
  );

  it(
    "T-STREAM-03 on_timeout kill_task",
    quietly(async (self, { node }) => {
      const options = { timeout: 50, maxConcurrency: 4, onTimeout: "kill_task" } as const;
      const outcomes = await toArray(Task.asyncStream(self, [200, 1, 200, 1], takes, options));
      expect(outcomes).toEqual([failed("timeout"), ok(1), failed("timeout"), ok(1)]);
      expect(await arrivals(self)).toEqual([]);
      expect(tracesOf(self, node)).toEqual(noTrace);
    }),
  );

  it(
    "STREAM-2 outcomes without a result carry the element if wanted",
    quietly(async (self) => {
      self.trapExit = true;
      const work = async (task: Process, ms: number): Promise<number> =>
        ms === 7 ? task.exit("seven") : takes(task, ms);
      const options = { timeout: 50, onTimeout: "kill_task", zipInputOnExit: true } as const;
      expect(await toArray(Task.asyncStream(self, [1, 7, 99], work, options))).toEqual([
        ok(1),
        { ok: false, reason: "seven", input: 7 },
        { ok: false, reason: "timeout", input: 99 },
      ]);
    }),
  );

  it(
    "an uncaught time limit is what the consumer ends with",
    quietly(async (self) => {
      const reason = await reasonOf(self, (owner) => toArray(Task.asyncStream(owner, [-1], takes, { timeout: 5 })));
      expect(reason).toMatchObject({ name: "CallError", reason: "timeout" });
    }),
  );
});

describe("failing elements", () => {
  it(
    "T-STREAM-04 Failing elements",
    quietly(async (self, { node }) => {
      const leave = (task: Process, reason: number): never => task.exit(reason);
      const dies = await reasonOf(self, (owner) =>
        toArray(Task.asyncStream(owner, [1, 2, 3, 4], leave, { maxConcurrency: 1 })),
      );
      expect(dies).toBe(1);
      self.trapExit = true;
      expect(await toArray(Task.asyncStream(self, [1, 2, 3, 4], leave))).toEqual([1, 2, 3, 4].map(failed));
      expect(await arrivals(self)).toEqual([]);
      expect(tracesOf(self, node)).toEqual(noTrace);
      expect(node.processes()).toHaveLength(2);
    }),
  );

  it(
    "STREAM-3 a failing element takes the others along, and an exit with normal is an outcome",
    quietly(async (self, { node }) => {
      const work = (task: Process, ms: number): Promise<number> => (ms === 0 ? task.exit("bad") : takes(task, ms));
      expect(
        await reasonOf(self, (owner) => toArray(Task.asyncStream(owner, [-1, -1, 0], work, { maxConcurrency: 3 }))),
      ).toBe("bad");
      expect(node.processes()).toHaveLength(2);
      const normal = Task.asyncStream(self, [1], (task: Process) => task.exit("normal"));
      expect(await toArray(normal)).toEqual([failed("normal")]);
    }),
  );

  it(
    "an input that fails ends the loop with its error, and the tasks",
    quietly(async (self, { node }) => {
      const broken = new RangeError("no more");
      function* elements(): Generator<number> {
        yield 5;
        yield -1;
        throw broken;
      }
      async function* later(): AsyncGenerator<number> {
        await self.sleep(1);
        yield* elements();
      }
      for (const input of [elements(), later()]) {
        expect(await failure(toArray(Task.asyncStream(self, input, takes, { maxConcurrency: 3 })))).toBe(broken);
        expect(tracesOf(self, node)).toEqual(noTrace);
        expect(node.processes()).toHaveLength(2);
      }
    }),
  );
});

describe("under a supervisor", () => {
  it(
    "STREAM-3 failing elements are outcomes without a link, and the consumer's failing with one",
    quietly(async (self, { node }) => {
      const tasks = await Tasks.start(self);
      const work = (task: Process, ms: number): Promise<number> => (ms === 0 ? task.exit("bad") : takes(task, ms));
      expect(await toArray(Tasks.asyncStreamNolink(self, tasks, [3, 0, 1], work))).toEqual([
        ok(3),
        failed("bad"),
        ok(1),
      ]);
      expect(await reasonOf(self, (owner) => toArray(Tasks.asyncStream(owner, tasks, [-1, 0], work)))).toBe("bad");
      await pause(self);
      expect(await Tasks.children(self, tasks)).toEqual([]);
      expect(tracesOf(self, node)).toEqual(noTrace);
    }),
  );

  it(
    "TSUP-2 a supervisor that is full ends the stream",
    quietly(async (self) => {
      const tasks = await Tasks.start(self, { maxChildren: 1 });
      const stream = Tasks.asyncStream(self, { supervisor: tasks, maxConcurrency: 2 }, [-1, -1], takes);
      const error = await failure(toArray(stream));
      expect(error).toBeInstanceOf(StartError);
      expect(error).toMatchObject({ reason: "max_children" });
      await pause(self);
      expect(await Tasks.children(self, tasks)).toEqual([]);
    }),
  );

  it(
    "callers are the consumer's, ancestors those of the process that starts the tasks",
    quietly(async (self) => {
      const tasks = await Tasks.start(self, { name: "tasks" });
      const origin = (task: Process): unknown => [task.dictionary.get("$callers"), task.dictionary.get("$ancestors")];
      const [under] = await toArray(Tasks.asyncStream(self, tasks, [1], origin));
      expect(under).toEqual(ok([[self.pid], ["tasks", self.pid]]));
      const [alone] = await toArray(Task.asyncStream(self, [1], origin));
      expect(alone).toMatchObject(ok([[self.pid], [expect.anything(), self.pid]]) as object);
    }),
  );
});

describe("STREAM-5 nonsense is refused when the stream is built", () => {
  it(
    "options, input, function and context",
    quietly(async (self, { node }) => {
      const wrong = [
        { maxConcurrency: 0 },
        { maxConcurrency: 1.5 },
        { timeout: -1 },
        { onTimeout: "explode" },
        { ordered: 1 },
        { zipInputOnExit: "yes" },
        { shutdown: "soon" },
        { max: 1 },
      ];
      const build =
        (...args: readonly unknown[]) =>
        (): unknown =>
          Reflect.apply(Task.asyncStream, Task, args);
      for (const options of wrong) expect(build(self, [1], takes, options)).toThrow(ArgumentError);
      expect(build(self, 5, takes)).toThrow(/expected an iterable or async iterable/);
      expect(build(self, [1], "f")).toThrow(/expected a function/);
      expect(build(node, [1], takes)).toThrow(/expected the calling process/);
    }),
  );
});
