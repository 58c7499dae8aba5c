/** Chapter 18, streams: how many run at a time, when they begin, and what becomes of them when the consumer leaves. */
import type { Process } from "@otp/core";
import { Task } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { failure } from "./behaviour.ts";
import { noTrace, ok, quietly, takes, toArray, tracesOf } from "./tasks.ts";
import { pause, reasonOf, waits } from "./world.ts";

const { Supervisor: Tasks } = Task;

describe("what runs when", () => {
  it(
    "T-STREAM-05 Concurrency limit",
    quietly(async (self) => {
      let running = 0;
      let most = 0;
      const work = async (task: Process, n: number): Promise<number> => {
        running += 1;
        most = Math.max(most, running);
        await task.sleep(1 + (n % 5));
        running -= 1;
        return n;
      };
      const numbers = Array.from({ length: 20 }, (_, n) => n);
      for (const ordered of [true, false]) {
        const outcomes = await toArray(Task.asyncStream(self, numbers, work, { maxConcurrency: 3, ordered }));
        expect(outcomes).toHaveLength(20);
      }
      expect(most).toBe(3);
    }),
  );

  it(
    "T-STREAM-06 Laziness",
    quietly(async (self) => {
      const ran: unknown[] = [];
      const work = (task: Process, n: number): number => {
        ran.push(n);
        return n;
      };
      const stream = Task.asyncStream(self, [1, 2], work);
      const iterator = stream[Symbol.asyncIterator]();
      await self.sleep(100);
      expect(ran).toEqual([]);
      await iterator.return?.();
      const heard: unknown[] = [];
      expect(await reasonOf(self, async (other) => void heard.push(...(await toArray(stream.in(other)))))).toBe(
        "normal",
      );
      expect(heard).toEqual([ok(1), ok(2)]);
      expect(await toArray(stream)).toEqual([ok(1), ok(2)]);
    }),
  );

  it(
    "a consumer that takes its time is not overrun",
    quietly(async (self) => {
      let pulled = 0;
      function* endless(): Generator<number> {
        for (;;) yield (pulled += 1);
      }
      let seen = 0;
      for await (const outcome of Task.asyncStream(self, endless(), (_task, n: number) => n, { maxConcurrency: 2 })) {
        seen += 1;
        expect(outcome).toEqual(ok(seen));
        await self.sleep(100);
        expect(pulled).toBeLessThanOrEqual(seen + 2);
        if (seen === 10) break;
      }
    }),
  );

  it(
    "an asynchronous input is waited for while results are delivered",
    quietly(async (self, { runtime }) => {
      async function* slow(): AsyncGenerator<number> {
        yield 1;
        yield 2;
        await self.sleep(100);
        yield 3;
      }
      const at: unknown[] = [];
      const before = runtime.now();
      for await (const { ok } of Task.asyncStream(self, slow(), takes, { maxConcurrency: 3 }))
        at.push([ok, runtime.now() - before]);
      expect(at).toEqual([
        [true, 1],
        [true, 2],
        [true, 103],
      ]);
    }),
  );
});

describe("leaving early", () => {
  it(
    "STREAM-4 breaking the loop kills what runs, closes the input and leaves nothing",
    quietly(async (self, { node }) => {
      const events: unknown[] = [];
      function* input(): Generator<number> {
        try {
          yield* [1, -1, -1, -1];
        } finally {
          events.push("closed");
        }
      }
      const work = async (task: Process, ms: number): Promise<number> => {
        task.trapExit = true;
        task.signal.addEventListener("abort", () => events.push(task.signal.reason));
        return takes(task, ms);
      };
      for await (const outcome of Task.asyncStream(self, input(), work, { maxConcurrency: 3 })) {
        expect(outcome).toEqual(ok(1));
        expect(node.processes()).toHaveLength(5);
        break;
      }
      expect(events).toEqual(["normal", "killed", "killed", "closed"]);
      expect(node.processes()).toHaveLength(2);
      expect(tracesOf(self, node)).toEqual(noTrace);
    }),
  );

  it(
    "STREAM-4 a consumer that is killed leaves nothing, whatever its tasks think of exits",
    quietly(async (self, { node }) => {
      const tasks = await Tasks.start(self);
      const work = (task: Process): Promise<void> => {
        task.trapExit = true;
        return waits(task);
      };
      const streams = [
        (owner: Process) => Task.asyncStream(owner, [1, 2, 3], work, { maxConcurrency: 2 }),
        (owner: Process) => Tasks.asyncStreamNolink(owner, { supervisor: tasks, maxConcurrency: 2 }, [1, 2, 3], work),
      ];
      for (const stream of streams) {
        const owner = self.spawn(async (owner: Process) => void (await toArray(stream(owner))));
        await pause(self);
        expect(node.processes()).toHaveLength(7);
        self.sendExit(owner, "kill");
        await pause(self);
        expect(node.processes()).toHaveLength(3);
      }
    }),
  );

  it(
    "STREAM-4 messages that look like news of tasks do not disturb, and stay",
    quietly(async (self) => {
      const ref = self.makeRef();
      const fake = [
        { type: "DOWN", ref, object: self.pid, reason: "fake" },
        { type: "task_reply", ref, result: "fake" },
      ];
      for (const message of fake) self.send(self.pid, message);
      expect(await toArray(Task.asyncStream(self, [3, 1], takes))).toEqual([ok(3), ok(1)]);
      expect(self.flush()).toEqual(fake);
    }),
  );

  it(
    "a run that is killed by others is an error for its consumer, not the end of the input",
    quietly(async (self, { node }) => {
      self.trapExit = true;
      const end = failure(toArray(Task.asyncStream(self, [-1], takes)));
      await pause(self);
      for (const pid of node.info(self.pid, "links") ?? []) self.sendExit(pid, "kill");
      expect(await end).toMatchObject({ reason: "noproc", operation: "Task.asyncStream" });
      expect(node.processes()).toHaveLength(2);
    }),
  );
});
