/** Children for tests of supervisors: workers that tell the tester when they start and when they end. */
import type { Pid, Process } from "@otp/core";
import {
  type ChildSpec,
  GenServer,
  noreply,
  ok,
  startLink,
  stopWith,
  Supervisor,
  type SupervisorOptions,
  type SupervisorPid,
} from "@otp/genserver";

/** What a worker is to be. */
export interface WorkerPlan {
  readonly id: string;
  readonly tester: Pid;
  /** Whether it traps exits, and so runs `terminate` when it is stopped. Default true. */
  readonly traps?: boolean;
  /** How long `terminate` takes, in ms. */
  readonly terminateMs?: number;
}

/** What a worker tells. */
type Told =
  | { readonly told: "start"; readonly id: string; readonly pid: Pid }
  | { readonly told: "terminate"; readonly id: string; readonly reason: unknown };

/** Tells the tester of its init and its terminate; ends with any reason it is told to. */
export class Worker extends GenServer<
  WorkerPlan,
  { cast: { readonly type: "end"; readonly reason: unknown } },
  WorkerPlan
> {
  override init(plan: WorkerPlan) {
    this.self.trapExit = plan.traps ?? true;
    this.self.send(plan.tester, { told: "start", id: plan.id, pid: this.self.pid });
    return ok(plan);
  }

  override handleCast({ reason }: { readonly type: "end"; readonly reason: unknown }, plan: WorkerPlan) {
    return stopWith(reason, plan);
  }

  override handleInfo(_message: unknown, plan: WorkerPlan) {
    return noreply(plan);
  }

  override async terminate(reason: unknown, { id, tester, terminateMs = 0 }: WorkerPlan) {
    if (terminateMs > 0) await this.self.sleep(terminateMs);
    this.self.send(tester, { told: "terminate", id, reason });
  }
}

/** A spec of a worker that tells `self`. */
export function worker(
  self: Process,
  id: string,
  { traps, terminateMs, ...fields }: Partial<ChildSpec> & Partial<Pick<WorkerPlan, "traps" | "terminateMs">> = {},
): ChildSpec {
  const plan: WorkerPlan = {
    id,
    tester: self.pid,
    ...(traps === undefined ? {} : { traps }),
    ...(terminateMs === undefined ? {} : { terminateMs }),
  };
  return { id, start: [startWorker, plan], modules: ["Worker"], ...fields };
}

/** Starts a worker. */
export function startWorker(self: Process, plan: WorkerPlan) {
  return startLink(self, Worker, plan);
}

/** What the workers have told by now, as words such as `start a` and `terminate a shutdown`, in order. */
export async function told(self: Process, ms = 1): Promise<string[]> {
  await self.sleep(ms);
  return self.flush().flatMap((message) => {
    if (!isTold(message)) return [];
    return [message.told === "start" ? `start ${message.id}` : `terminate ${message.id} ${String(message.reason)}`];
  });
}

/** The pid of a child that runs. */
export async function pidOf(self: Process, supervisor: SupervisorPid, id: unknown): Promise<Pid> {
  const child = (await Supervisor.whichChildren(self, supervisor)).find((one) => one.id === id);
  if (child === undefined || typeof child.pid !== "object") throw new Error(`${String(id)} does not run`);
  return child.pid;
}

/** Kills a child, and lets the supervisor act. */
export async function killChild(self: Process, supervisor: SupervisorPid, id: unknown): Promise<void> {
  self.sendExit(await pidOf(self, supervisor, id), "kill");
}

function isTold(message: unknown): message is Told {
  return typeof message === "object" && message !== null && "told" in message;
}

/** Starts a supervisor of workers with these ids and forgets what they told. */
export async function family(
  self: Process,
  ids: string,
  options: SupervisorOptions = { strategy: "one_for_one" },
): Promise<SupervisorPid> {
  const children = Array.from(ids, (id) => worker(self, id));
  const supervisor = await Supervisor.startLink(self, children, options);
  await told(self);
  return supervisor;
}

/** The ids and the states of all children, oldest first. */
export async function states(self: Process, supervisor: SupervisorPid): Promise<string[]> {
  const children = await Supervisor.whichChildren(self, supervisor);
  return children.toReversed().map(({ id, pid }) => `${String(id)} ${typeof pid === "object" ? "runs" : String(pid)}`);
}
