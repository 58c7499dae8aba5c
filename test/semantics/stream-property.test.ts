/** Chapter 18, streams: whatever elements do and wherever the consumer leaves, order and bounds hold and nothing is left. */
import { Node, type Process } from "@otp/core";
import { ManualRuntime } from "@otp/core/runtime";
import { Task, type TaskOutcome } from "@otp/genserver";
import fc from "fast-check";
import { expect, it } from "vitest";

import { keptLog } from "./behaviour.ts";

/** An element: takes its time, and then gives its number, fails, or is never heard of. */
interface Step {
  readonly ms: number;
  readonly ends: "well" | "badly" | "never";
}

interface Case {
  readonly steps: readonly Step[];
  readonly maxConcurrency: number;
  readonly ordered: boolean;
  readonly isAsync: boolean;
  readonly isSupervised: boolean;
  /** After how many outcomes the consumer leaves. */
  readonly leavesAt: number;
  /** How long it takes for each. */
  readonly pace: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  steps: fc.array(fc.record({ ms: fc.nat(30), ends: fc.constantFrom("well", "well", "badly", "never") }), {
    maxLength: 12,
  }),
  maxConcurrency: fc.integer({ min: 1, max: 4 }),
  ordered: fc.boolean(),
  isAsync: fc.boolean(),
  isSupervised: fc.boolean(),
  leavesAt: fc.integer({ min: 1, max: 20 }),
  pace: fc.nat(20),
});

const timeout = 50;

it("STREAM-1 to STREAM-4 hold for random elements, paces and exits of the loop", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      const runtime = new ManualRuntime();
      const node = await Node.start({ isolation: "freeze", logger: keptLog([]), runtime });
      const settled: PromiseSettledResult<unknown>[] = [];
      node.spawn(async (self) => {
        settled.push(...(await Promise.allSettled([consume(self, node, given)])));
      });
      for (let waited = 0; settled.length === 0 && waited < 200; waited += 1) await runtime.advance(100);
      const wrong = node.check();
      await node.stop();
      await runtime.settle();
      expect(settled).toEqual([{ status: "fulfilled", value: undefined }]);
      expect(wrong).toEqual([]);
      expect(runtime.pendingTimers).toBe(0);
    }),
    { numRuns: 150 },
  );
});

async function consume(self: Process, node: Node, given: Case): Promise<void> {
  self.trapExit = true;
  const { steps, maxConcurrency, ordered, leavesAt, pace } = given;
  const supervisor = await Task.Supervisor.start(self);
  const before = node.processes().length;
  let running = 0;
  let pulled = 0;
  const work = async (task: Process, index: number): Promise<number> => {
    running += 1;
    expect(running).toBeLessThanOrEqual(maxConcurrency);
    task.signal.addEventListener("abort", () => (running -= 1));
    const { ms, ends } = steps[index] ?? { ms: 0, ends: "well" };
    await task.sleep(ends === "never" ? "infinity" : ms);
    return ends === "badly" ? task.exit({ failed: index }) : index;
  };
  function* numbers(): Generator<number> {
    for (const index of steps.keys()) {
      pulled += 1;
      yield index;
    }
  }
  const input = given.isAsync ? slowly(self, numbers()) : numbers();
  const options = { maxConcurrency, ordered, timeout, onTimeout: "kill_task", zipInputOnExit: true } as const;
  const stream = given.isSupervised
    ? Task.Supervisor.asyncStream(self, { supervisor, ...options }, input, work)
    : Task.asyncStream(self, input, work, options);
  const got: (TaskOutcome<number> & { readonly input?: number })[] = [];
  for await (const outcome of stream) {
    got.push(outcome);
    if (!ordered) expect(pulled).toBeLessThanOrEqual(got.length + maxConcurrency);
    if (got.length === leavesAt) break;
    if (pace > 0) await self.sleep(pace);
  }
  expect(got).toHaveLength(Math.min(leavesAt, steps.length));
  const indices = got.map((outcome) => (outcome.ok ? outcome.value : outcome.input));
  expect(ordered ? indices : indices.toSorted((a = 0, b = 0) => a - b)).toEqual(
    ordered ? [...indices.keys()] : [...new Set(indices)].toSorted((a = 0, b = 0) => a - b),
  );
  for (const outcome of got) expect(outcome).toEqual(expected(steps, outcome.ok ? outcome.value : outcome.input));
  await self.sleep(1);
  expect(running).toBe(0);
  expect(node.processes()).toHaveLength(before);
  expect(node.info(self.pid, ["messages", "links", "monitors"])).toEqual({ messages: [], links: [], monitors: [] });
}

function expected(steps: readonly Step[], index: number = -1): unknown {
  const ends = steps[index]?.ends;
  if (ends === "well") return { ok: true, value: index };
  return { ok: false, input: index, reason: ends === "badly" ? { failed: index } : "timeout" };
}

async function* slowly(self: Process, numbers: Iterable<number>): AsyncGenerator<number> {
  for (const number of numbers) {
    await self.sleep(number % 3);
    yield number;
  }
}
