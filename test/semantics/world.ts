/**
 * A node on a virtual clock in which a test plays as one of its processes.
 *
 * Every play ends with the question whether the node's tables agree, so that each test is a test of the invariants too.
 */
import { Node, type NodeOptions, type Pid, type Process, TIMEOUT } from "@otp/core";
import { ManualRuntime } from "@otp/core/runtime";

/** What a test may use besides its own process. */
export interface World {
  readonly node: Node;
  readonly runtime: ManualRuntime;
}

/** How messages may be kept apart; whatever is true of processes must be true in each. */
export const isolations: readonly ["freeze", "copy", "share"] = ["freeze", "copy", "share"];

/** A scene with the tester as a process. */
export type Scene = (self: Process, world: World) => unknown;

/** Runs scenes as tests, in nodes with that isolation. */
export function playing(isolation: NonNullable<NodeOptions["isolation"]>): (scene: Scene) => () => Promise<void> {
  return (scene) => () => play(scene, { isolation });
}

/** Runs one scene on a node of its own, for as much virtual time as it takes. */
export async function play(scene: Scene, options: NodeOptions = {}): Promise<void> {
  process.env["OTP_LOG"] = "silent";
  const runtime = new ManualRuntime();
  const node = await Node.start({ isolation: "freeze", ...options, runtime });
  const world = { node, runtime };
  const endings: PromiseSettledResult<unknown>[] = [];
  node.spawn(async (self) => {
    endings.push(...(await Promise.allSettled([enact(scene, self, world)])));
  });
  for (let waited = 0; endings.length === 0 && waited < 600; waited += 1) await runtime.advance(100);
  const ended = endings[0];
  const wrong = node.check();
  await node.stop();
  await runtime.settle();
  if (ended === undefined) throw new Error("the scene did not come to its end within a virtual minute");
  if (ended.status === "rejected") throw ended.reason;
  if (wrong.length > 0) throw new Error(`the tables disagree: ${JSON.stringify(wrong)}`);
  if (runtime.pendingTimers > 0) throw new Error(`${runtime.pendingTimers} timers are left`);
}

async function enact(scene: Scene, self: Process, world: World): Promise<void> {
  await scene(self, world);
}

/** A process that waits in a receive that nothing matches. */
export async function waits(self: Process): Promise<void> {
  await self.receive(() => false);
}

/** The same, trapping exits. */
export async function waitsTrapping(self: Process): Promise<void> {
  self.trapExit = true;
  await self.receive(() => false);
}

/** A process that tells its parent everything it receives, as `{ pid, got }`, and never ends of its own. */
export async function tells(self: Process, parent: Pid): Promise<void> {
  for (;;) {
    const got = await self.receive();
    self.send(parent, { pid: self.pid, got });
  }
}

/** The same, trapping exits. */
export function tellsTrapping(self: Process, parent: Pid): Promise<void> {
  self.trapExit = true;
  return tells(self, parent);
}

/** The pid of a process whose end the tester has seen. */
export async function dead(self: Process): Promise<Pid> {
  const { pid, ref } = self.spawnMonitor(() => undefined);
  await self.receive({ type: "DOWN", ref });
  return pid;
}

/** Why `pid` ended; waits for it. */
export async function endOf(self: Process, pid: Pid<never>): Promise<unknown> {
  const { reason } = await self.receive({ type: "DOWN", ref: self.monitor(pid) });
  return reason;
}

/** Starts `fn`, waits for its end and gives the reason. */
export async function reasonOf(self: Process, fn: (child: Process) => unknown): Promise<unknown> {
  const { ref } = self.spawnMonitor(fn);
  const { reason } = await self.receive({ type: "DOWN", ref });
  return reason;
}

/** What arrives within `ms`, in order. */
export async function arrivals(self: Process, ms: number = 100): Promise<unknown[]> {
  await self.sleep(ms);
  return self.flush();
}

/** The next message, which must come at once. */
export async function next(self: Process): Promise<unknown> {
  const message = await self.receive({ after: 1_000 });
  if (message === TIMEOUT) throw new Error("no message came");
  return message;
}

/** Lets every other process run until it waits. */
export function pause(self: Process): Promise<void> {
  return self.sleep(1);
}
