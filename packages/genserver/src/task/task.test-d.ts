/** Tasks know what they result in, and their functions what they get. */
import { type Node, type Pid, type Process, remote } from "@otp/core";
import { expectTypeOf, it } from "vitest";

import { Supervisor } from "../supervisor/supervisor.ts";
import type { TaskOutcome } from "./await.ts";
import type { ZippedOutcome } from "./stream.ts";
import { Task } from "./task.ts";

declare const self: Process;
declare const node: Node;

const add = (_self: Process, a: number, b: number): number => a + b;
const length = async (_self: Process, text: string): Promise<number> => text.length;
const far = remote("types/far", async (_self: Process, n: number): Promise<string> => String(n));

it("a result is what the function gives, once it has settled", () => {
  expectTypeOf(Task.async(self, add, 1, 2)).toEqualTypeOf<Task<number>>();
  expectTypeOf(Task.async(self, length, "x")).toEqualTypeOf<Task<number>>();
  expectTypeOf(Task.async(self, { node: "n@h" }, far, 1)).toEqualTypeOf<Task<string>>();
  expectTypeOf(Task.await(self, Task.async(self, add, 1, 2))).resolves.toEqualTypeOf<number>();
  expectTypeOf(Task.yield(self, Task.async(self, length, "x"))).resolves.toEqualTypeOf<
    TaskOutcome<number> | undefined
  >();
  expectTypeOf(Task.shutdown(self, Task.completed(self, "x"))).resolves.toEqualTypeOf<
    TaskOutcome<string> | undefined
  >();
  expectTypeOf(Task.Supervisor.async(self, "tasks", add, 1, 2)).resolves.toEqualTypeOf<Task<number>>();
  expectTypeOf(Task.start(node, (_self: Process<string>) => 1)).toEqualTypeOf<Pid<string>>();
});

it("several tasks keep their places", () => {
  const tasks = [Task.async(self, add, 1, 2), Task.completed(self, "x")] as const;
  expectTypeOf(Task.awaitMany(self, tasks)).resolves.toEqualTypeOf<[number, string]>();
  expectTypeOf(Task.awaitMany(self, [tasks[0], tasks[1]])).resolves.toEqualTypeOf<[number, string]>();
  const some: Task<number>[] = [];
  expectTypeOf(Task.awaitMany(self, some)).resolves.toEqualTypeOf<number[]>();
  const yielded = Task.yieldMany(self, tasks);
  expectTypeOf<Awaited<typeof yielded>[1]["outcome"]>().toEqualTypeOf<TaskOutcome<string> | undefined>();
});

it("elements and outcomes of streams", () => {
  expectTypeOf(Task.asyncStream(self, ["x"], length)).toExtend<AsyncIterable<TaskOutcome<number>>>();
  async function* letters(): AsyncGenerator<string> {
    yield "x";
  }
  expectTypeOf(Task.asyncStream(self, letters(), length)).toExtend<AsyncIterable<TaskOutcome<number>>>();
  const zipped = Task.asyncStream(self, ["x"], length, { zipInputOnExit: true });
  expectTypeOf(zipped).toExtend<AsyncIterable<ZippedOutcome<number, string>>>();
  const supervised = Task.Supervisor.asyncStreamNolink(self, { supervisor: "tasks", ordered: false }, ["x"], length);
  expectTypeOf(supervised).toExtend<AsyncIterable<TaskOutcome<number>>>();
  Task.asyncStream(self, [1, 2], (task, n) => {
    expectTypeOf(task).toEqualTypeOf<Process>();
    expectTypeOf(n).toEqualTypeOf<number>();
  });
});

it("what does not fit is refused", () => {
  // @ts-expect-error -- the second number is missing
  Task.async(self, add, 1);
  // @ts-expect-error -- no number
  Task.async(self, add, 1, "2");
  // @ts-expect-error -- only a process owns tasks
  Task.async(node, add, 1, 2);
  // @ts-expect-error -- code does not travel
  Task.async(self, { node: "n@h" }, add, 1, 2);
  // @ts-expect-error -- no task
  void Task.await(self, 5);
  // @ts-expect-error -- the elements are no strings
  Task.asyncStream(self, [1], length);
  // @ts-expect-error -- a task that is waited for is not restarted
  void Task.Supervisor.async(self, { supervisor: "tasks", restart: "permanent" }, add, 1, 2);
  // @ts-expect-error -- nobody can make one
  void new Task();
});

it("tasks and their supervisors are children", () => {
  const children = [
    [Task.Supervisor, { name: "tasks" }],
    [Task, (task: Process) => task.pid],
  ] as const;
  void Supervisor.startLink(self, [...children], { strategy: "one_for_one" });
  // @ts-expect-error -- a task needs a function
  void Supervisor.startLink(self, [[Task, 5]], { strategy: "one_for_one" });
});
