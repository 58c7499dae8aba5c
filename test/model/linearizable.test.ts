/** The search for an order that explains a history: right answers, wrong answers, and honesty about the rest. */
import {
  History,
  linearizable,
  namesModel,
  type Operation,
  parallelCommands,
  runParallel,
  type SequentialModel,
} from "@otp/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

type Request = { readonly op: "get" } | { readonly op: "set"; readonly value: number };

/** A cell that holds a number; `set` gives what was there before. */
const cell: SequentialModel<number, Request, number> = {
  init: () => 0,
  key: String,
  step(state, request, output) {
    if (output !== undefined && output !== state) return undefined;
    return request.op === "get" ? state : request.value;
  },
};

const done = (
  client: number,
  input: Request,
  output: number,
  [called, returned]: readonly [number, number],
): Operation<Request, number> => ({
  client,
  input,
  output,
  called,
  returned,
});

const get: Request = { op: "get" };
const set = (value: number): Request => ({ op: "set", value });

/** Whether some order of the operations explains them: all orders, tried one after the other. */
function isExplained(operations: readonly Operation<Request, number>[], state: number): boolean {
  const due = operations.filter(({ returned }) => returned !== undefined);
  if (due.length === 0) return true;
  const limit = Math.min(...due.map(({ returned }) => returned ?? 0));
  return operations.some((operation) => {
    if (operation.called > limit) return false;
    const next = cell.step(state, operation.input, operation.output);
    return (
      next !== undefined &&
      isExplained(
        operations.filter((other) => other !== operation),
        next,
      )
    );
  });
}

describe("linearizable", () => {
  it("accepts what some order explains, also when operations overlap", () => {
    const history = [done(0, set(1), 0, [1, 6]), done(1, get, 1, [2, 3]), done(2, set(2), 1, [4, 5])];
    expect(linearizable(cell, history)).toEqual({ verdict: "linearizable" });
  });

  it("refuses what no order explains, and says how far it came", () => {
    const history = [done(0, set(1), 0, [1, 2]), done(1, get, 0, [3, 4])];
    const verdict = linearizable(cell, history);
    expect(verdict).toMatchObject({ verdict: "not linearizable", prefix: [history[0]], stuck: history[1] });
    expect("message" in verdict ? verdict.message : "").toContain("client 1: { op: 'get' } -> 0");
  });

  it("lets an operation without an answer have happened, or not", () => {
    const pending = { client: 0, input: set(1), output: undefined, called: 1, returned: undefined };
    for (const seen of [0, 1])
      expect(linearizable(cell, [pending, done(1, get, seen, [2, 3])]).verdict).toBe("linearizable");
    expect(linearizable(cell, [pending, done(1, get, 1, [2, 3]), done(1, get, 0, [4, 5])]).verdict).toBe(
      "not linearizable",
    );
    expect(linearizable(cell, [pending, done(1, get, 2, [2, 3])]).verdict).toBe("not linearizable");
  });

  it("comes to the same as trying all orders", () => {
    const request = fc.oneof(fc.constant(get), fc.integer({ min: 1, max: 2 }).map(set));
    const operation = fc.tuple(request, fc.nat(2), fc.boolean(), fc.nat(2));
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat(1)), (list, coins) => {
        // Calls and returns of clients that overlap at random.
        let clock = 0;
        const open: {
          readonly client: number;
          readonly input: Request;
          readonly output: number;
          readonly called: number;
        }[] = [];
        const history: Operation<Request, number>[] = [];
        for (const [input, output, isPending, client] of list) {
          const called = (clock += 1);
          if (isPending && client === 0)
            history.push({ client, input, output: undefined, called, returned: undefined });
          else open.push({ client, input, output, called });
          while (open.length > 0 && coins.next().value === 1) {
            const one = open.shift();
            if (one !== undefined) history.push({ ...one, returned: (clock += 1) });
          }
        }
        for (const one of open) history.push({ ...one, returned: (clock += 1) });
        expect(linearizable(cell, history).verdict === "linearizable").toBe(isExplained(history, 0));
      }),
      { numRuns: 300 },
    );
  });

  it("checks the operations of each key on their own, and names the key that does not fit", async () => {
    const history = new History<Parameters<ReturnType<typeof namesModel>["step"]>[1], boolean | string | null>();
    for (const name of ["x", "y"]) await history.run(0, { op: "register", name, who: "ann" }, async () => true);
    await history.run(1, { op: "register", name: "y", who: "bob" }, async () => true);
    expect(linearizable(namesModel(), history.operations)).toMatchObject({ verdict: "not linearizable", part: "y" });
  });

  it("says that it does not know when its budget is used up", () => {
    // Nobody answers, so each of the many orders has to be tried, and the last answer fits none of them.
    const pending = Array.from({ length: 14 }, (_, n) => ({
      client: n,
      input: set(n + 1),
      output: undefined,
      called: n + 1,
      returned: undefined,
    }));
    const verdict = linearizable(cell, [...pending, done(99, get, 77, [50, 51])], { budget: 500 });
    expect(verdict).toEqual({ verdict: "unknown", part: "", explored: 500 });
  });

  it("is quick for a long history of few clients that is in order", async () => {
    const history = new History<Request, number>();
    let value = 0;
    for (let n = 0; n < 2_000; n += 1) {
      const before = value;
      value = n;
      await history.run(n % 5, set(n), async () => before);
    }
    expect(linearizable(cell, history.operations, { budget: 10_000 }).verdict).toBe("linearizable");
  });
});

describe("parallel commands", () => {
  it("find a counter that reads and writes with a wait between", async () => {
    const counter: SequentialModel<number, "add", number> = {
      init: () => 0,
      key: String,
      step: (state, _add, output) => (output === undefined || output === state + 1 ? state + 1 : undefined),
    };
    const verdicts = async (isCareful: boolean): Promise<readonly string[]> => {
      const plans = fc.sample(parallelCommands(fc.constant<"add">("add")), { numRuns: 20, seed: 3 });
      return Promise.all(
        plans.map(async (plan) => {
          let count = 0;
          const operations = await runParallel(plan, async () => {
            if (isCareful) return (count += 1);
            const read = count;
            await Promise.resolve();
            return (count = read + 1);
          });
          return linearizable(counter, operations).verdict;
        }),
      );
    };
    expect(await verdicts(false)).toContain("not linearizable");
    expect(new Set(await verdicts(true))).toEqual(new Set(["linearizable"]));
  });

  it("leave what fails without an answer", async () => {
    const operations = await runParallel({ prefix: ["a"], branches: [["b"], ["c"]] }, async (_client, input) => {
      if (input === "b") throw new Error("lost");
      return input;
    });
    expect(operations.map(({ output, returned }) => [output, returned === undefined])).toEqual([
      ["a", false],
      [undefined, true],
      ["c", false],
    ]);
  });
});
