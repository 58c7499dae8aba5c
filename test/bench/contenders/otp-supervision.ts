/** Ours: supervisors, and what they start. */
import type { Node, Pid, Process } from "@otp/core";
import { DynamicSupervisor, GenServer, ok, Supervisor } from "@otp/genserver";

import { Counter, inProcess } from "./otp-world.ts";
import { complete, type Outcome, perSecond, type Workload } from "./serve.ts";

/** The workloads, on a node. */
export function supervisionRows(node: Node): Readonly<Record<string, Workload>> {
  return {
    supervisor_start: (size) => inProcess(node, (self) => starts(self, size)),
    supervisor_restart: (size) => inProcess(node, (self) => restarts(self, size)),
  };
}

async function starts(self: Process, size: number): Promise<Outcome> {
  const supervisor = await DynamicSupervisor.startLink(self);
  const started = performance.now();
  for (let i = 0; i < size; i += 1) await DynamicSupervisor.startChild(self, supervisor, Counter);
  const outcome = perSecond(size, started);
  const { active } = await DynamicSupervisor.countChildren(self, supervisor);
  complete(active, size, "children");
  await DynamicSupervisor.stop(self, supervisor);
  return outcome;
}

/** Says to `parent` that it is there, each time it is started. */
class Announced extends GenServer<Pid, { call: never; cast: never }, Pid> {
  override init(parent: Pid) {
    this.self.send(parent, { type: "up", pid: this.self.pid });
    return ok(parent);
  }
}

/** Kills a child and waits until it is there again, `size` times. */
async function restarts(self: Process, size: number): Promise<Outcome> {
  const limits = { strategy: "one_for_one", maxRestarts: 1_000_000_000, maxSeconds: 1 } as const;
  const supervisor = await Supervisor.startLink(self, [[Announced, self.pid]], limits);
  let { pid } = await self.receive(isUp);
  const started = performance.now();
  let restarted = 0;
  for (let i = 0; i < size; i += 1) {
    self.sendExit(pid, "kill");
    const up = await self.receive(isUp);
    if (up.pid !== pid) restarted += 1;
    ({ pid } = up);
  }
  const outcome = perSecond(size, started);
  complete(restarted, size, "restarts");
  await Supervisor.stop(self, supervisor);
  return outcome;
}

function isUp(message: unknown): message is { readonly pid: Pid } {
  return typeof message === "object" && message !== null && "pid" in message;
}
