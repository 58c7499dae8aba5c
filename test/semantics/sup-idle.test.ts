/** What supervisors cost while nothing happens, how soon they act, and what is left after much has happened. */
import { Node, type Pid, type Process } from "@otp/core";
import { ManualRuntime } from "@otp/core/runtime";
import {
  type ChildSpec,
  DynamicSupervisor,
  GenServer,
  noreply,
  ok,
  Supervisor,
  type SupervisorPid,
} from "@otp/genserver";
import { pino } from "pino";
import { describe, expect, it } from "vitest";

const logger = pino({ level: "silent" });

class Idle extends GenServer<null, { cast: never }> {
  override init() {
    return ok(null);
  }
  override handleInfo(_message: unknown, state: null) {
    return noreply(state);
  }
}

/** A node on a virtual clock, and what `work` gives there. */
async function virtually<Value>(
  work: (node: Node) => Promise<Value>,
): Promise<{ node: Node; value: Value; runtime: ManualRuntime }> {
  const runtime = new ManualRuntime();
  const node = await Node.start({ runtime, logger });
  const promise = work(node);
  await runtime.settle();
  return { node, value: await promise, runtime };
}

describe("supervisors at rest", () => {
  it("5,000 idle children set no timer and run no task", async () => {
    const { node, value, runtime } = await virtually(async (node) => {
      const supervisor = await DynamicSupervisor.start(node);
      for (let n = 0; n < 2_500; n += 1) await DynamicSupervisor.startChild(node, supervisor, Idle);
      const ids = Array.from({ length: 2_500 }, (_, id): ChildSpec => Supervisor.childSpec(Idle, { id }));
      await Supervisor.start(node, ids, { strategy: "one_for_one" });
      return supervisor;
    });
    expect(node.processes().length).toBeGreaterThanOrEqual(5_002);
    expect(node.isProcessAlive(value)).toBe(true);
    expect(runtime.pendingTimers).toBe(0);
    expect(runtime.step()).toBe(false);
    await node.stop();
  });

  it("a restart follows its cause within a millisecond on an idle node", async () => {
    const node = await Node.start({ logger });
    let started = 0;
    const child: ChildSpec = {
      id: "a",
      start: (self: Process) =>
        self.spawnLink(async (worker: Process) => {
          started = performance.now();
          await worker.receive(() => false);
        }),
    };
    const supervisor = await Supervisor.start(node, [child], { strategy: "one_for_one", maxRestarts: 1_000 });
    const latencies: number[] = [];
    for (let kill = 0; kill < 50; kill += 1) {
      const [a] = await Supervisor.whichChildren(node, supervisor);
      if (typeof a?.pid !== "object") throw new Error("a does not run");
      await idle();
      const killed = performance.now();
      node.sendExit(a.pid, "kill");
      await idle();
      latencies.push(started - killed);
    }
    // The machine may be busy with something else now and then.
    expect(Math.min(...latencies)).toBeGreaterThan(0);
    expect(latencies.toSorted((a, b) => a - b)[10]).toBeLessThan(1);
    await node.stop();
  });
});

describe("supervisors after a storm", () => {
  const breadth = 10;

  function tree(depth: number, path: string): ChildSpec {
    if (depth === 0) return Supervisor.childSpec(Idle, { id: path });
    return {
      id: path,
      type: "supervisor",
      start: (self) => Supervisor.startLink(self, below(depth, path), { strategy: "one_for_one" }),
    };
  }

  function below(depth: number, path: string): ChildSpec[] {
    return Array.from({ length: breadth }, (_, index) => tree(depth - 1, `${path}/${index}`));
  }

  /** All processes of a tree by the ids of their children, and how many of each there are. */
  async function shape(
    node: Node,
    runtime: ManualRuntime,
    root: SupervisorPid,
  ): Promise<{ paths: string[]; pids: Pid[] }> {
    const paths: string[] = [];
    const pids: Pid[] = [];
    const walk = async (supervisor: Pid<never>): Promise<void> => {
      const children = Supervisor.whichChildren(node, supervisor);
      await runtime.settle();
      for (const { id, pid, type } of await children) {
        if (typeof pid !== "object") throw new Error(`${String(id)} does not run`);
        paths.push(String(id));
        pids.push(pid);
        if (type === "supervisor") await walk(pid);
      }
    };
    await walk(root);
    return { paths, pids };
  }

  it("killing random processes of a tree of 1,000 for a minute leaves the tree as specified, and nothing besides", async () => {
    const flags = { strategy: "one_for_one", maxRestarts: 1_000_000 } as const;
    const { node, value: root, runtime } = await virtually((node) => Supervisor.start(node, below(3, ""), flags));
    const before = await shape(node, runtime, root);
    expect(before.paths.length).toBe(1_110);
    const processes = node.processes().length;
    let { pids } = before;
    for (let second = 0; second < 60; second += 1) {
      for (let kill = 0; kill < 20; kill += 1) {
        const pid = pids[runtime.pick(pids.length)];
        if (pid !== undefined) node.sendExit(pid, runtime.pick(2) === 0 ? "kill" : "abn");
        if (kill % 5 === 0) await runtime.settle();
      }
      await runtime.advance(1_000);
      ({ pids } = await shape(node, runtime, root));
    }
    const after = await shape(node, runtime, root);
    expect(after.paths).toEqual(before.paths);
    expect(node.processes().length).toBe(processes);
    expect(node.check()).toEqual([]);
    expect(runtime.pendingTimers).toBe(0);
    await node.stop();
  }, 60_000);
});

/** Until the host has nothing left to do. */
async function idle(): Promise<void> {
  for (let hop = 0; hop < 3; hop += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
