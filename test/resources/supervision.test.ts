import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { Node, type Process } from "@otp/core";
import { GenServer, type InitResult, ok, Supervisor } from "@otp/genserver";
import { pino } from "pino";
import { describe, expect, it } from "vitest";

/** Does nothing, and can be killed. */
class Worker extends GenServer<null> {
  override init(): InitResult<null> {
    return ok(null);
  }
}

// A collector of its own, since the tests run without --expose-gc.
setFlagsFromString("--expose-gc");
const collectGarbage: unknown = runInNewContext("gc");

function usedMegabytes(): number {
  if (typeof collectGarbage === "function") collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const branches = 10;
const leaves = 100;
const limits = { strategy: "one_for_one", maxRestarts: 1_000_000, maxSeconds: 1 } as const;
/** Milliseconds; a minute with OTP_LONG. */
const span = process.env["OTP_LONG"] === undefined ? 3_000 : 60_000;

const names = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** The tree: a root, branches that are supervisors, and their workers. */
function startTree(self: Process): ReturnType<typeof Supervisor.startLink> {
  const branch = (id: number) => ({
    id: `branch ${id}`,
    type: "supervisor" as const,
    start: (parent: Process) =>
      Supervisor.startLink(
        parent,
        names(leaves).map((id) => Supervisor.childSpec(Worker, { id })),
        limits,
      ),
  });
  return Supervisor.startLink(self, names(branches).map(branch), limits);
}

describe("a tree of 1,000", () => {
  it(
    "S4 SUP-9 is as specified after its processes were killed at random, and memory is flat",
    async () => {
      const strangers: unknown[] = [];
      const note = (error: unknown): void => void strangers.push(error);
      process.on("unhandledRejection", note);
      await using node = await Node.start({ isolation: "share", logger: pino({ level: "silent" }) });
      const outcome = await new Promise<{ killed: number; early: number; late: number; counts: unknown[] }>(
        (resolve, reject) => {
          node
            .spawn(async (self: Process) => {
              self.trapExit = true;
              const root = await startTree(self);
              const total = node.processes().length;
              const end = node.monotonicTime() + span;
              const middle = node.monotonicTime() + span / 2;
              let killed = 0;
              let early = 0;
              for (let victim = 7; node.monotonicTime() < end; victim = (victim * 48_271) % 2_147_483_647) {
                const pids = node.processes();
                const pid = pids[victim % pids.length];
                // Not ourselves, not the root, and not the node's own device.
                if (
                  pid !== undefined &&
                  pid !== self.pid &&
                  pid !== root &&
                  node.info(pid, "registeredName") !== "user"
                ) {
                  node.sendExit(pid, "kill");
                  killed += 1;
                }
                if (killed % 20 === 0) await self.sleep(1);
                if (early === 0 && node.monotonicTime() > middle) early = usedMegabytes();
              }
              while (node.processes().length !== total) await self.sleep(5);
              const late = usedMegabytes();
              const counts: unknown[] = [await Supervisor.countChildren(self, root)];
              for (const { pid } of await Supervisor.whichChildren(self, root)) {
                if (typeof pid === "object") counts.push(await Supervisor.countChildren(self, pid));
              }
              await Supervisor.stop(self, root);
              resolve({ killed, early, late, counts });
            })
            .toString();
          setTimeout(() => reject(new Error("the tree did not come to rest")), span + 60_000).unref();
        },
      );
      process.off("unhandledRejection", note);
      console.log(`${outcome.killed} killed; heap ${outcome.early.toFixed(1)} MB, then ${outcome.late.toFixed(1)} MB`);
      expect(outcome.killed).toBeGreaterThan(100);
      expect(outcome.counts).toEqual([
        { specs: branches, active: branches, supervisors: branches, workers: 0 },
        ...names(branches).map(() => ({ specs: leaves, active: leaves, supervisors: 0, workers: leaves })),
      ]);
      expect(outcome.late).toBeLessThan(outcome.early + 20);
      expect(strangers).toEqual([]);
      expect(node.check()).toEqual([]);
    },
    span + 90_000,
  );
});
