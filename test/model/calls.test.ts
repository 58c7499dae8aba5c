/** Calls and starts under every order of reply, second reply, end of the server, end of the caller and timeout. */
import { ExitError, Node, type Pid, type Process, StartError } from "@otp/core";
import { ManualRuntime } from "@otp/core/runtime";
import {
  type Call,
  call,
  type From,
  GenServer,
  ignore,
  noreply,
  ok,
  receiveResponse,
  replyTo,
  sendRequest,
  type ServerPid,
  start,
  startLink,
  stopWith,
} from "@otp/genserver";
import * as fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it } from "vitest";

const logger = pino({ level: "silent" });

/** What happens to one call, each at its time. */
interface Fate {
  readonly timeout: number;
  readonly replies: readonly number[];
  readonly serverEnds: number | null;
  readonly callerEnds: number | null;
  /** As a call, or as a request whose response is fetched. */
  readonly mode: "call" | "request";
}

const time = fc.nat(6);
const fates: fc.Arbitrary<Fate> = fc.record({
  timeout: time,
  replies: fc.array(time, { maxLength: 3 }),
  serverEnds: fc.option(time),
  callerEnds: fc.option(time),
  mode: fc.constantFrom("call" as const, "request" as const),
});

interface KeeperProtocol {
  call: Call<"keep", unknown, { fate: number }>;
}

class Keeper extends GenServer<From[], KeeperProtocol> {
  override init() {
    return ok([]);
  }
  override handleCall(request: KeeperProtocol["call"], from: From, state: From[]) {
    // Let the test have the caller in hand.
    this.self.send("tester", { type: "kept", fate: request.fate, from });
    return noreply([...state, from]);
  }
}

async function settleAt(self: Process, ms: number): Promise<void> {
  await self.sleep(ms);
}

interface Outcome {
  readonly kind: string;
  readonly at: number;
}

/** Asks and waits; throws why there is no answer. */
async function ask(
  self: Process,
  pid: ServerPid<KeeperProtocol>,
  { fate, mode, timeout }: { readonly fate: number; readonly mode: Fate["mode"]; readonly timeout: number },
): Promise<unknown> {
  const request = { type: "keep", fate } as const;
  if (mode === "call") return call(self, pid, request, timeout);
  const response = await receiveResponse(self, sendRequest(self, pid, request), timeout);
  if (response.type === "reply") return response.reply;
  throw new ExitError(response.type === "error" ? response.reason : "timeout", "no reply");
}

/** Plays one fate and gives all that the caller's code has seen, and what was left in its mailbox. */
async function playFate(fate: Fate): Promise<{ readonly outcomes: Outcome[]; readonly strays: unknown[] }> {
  const runtime = new ManualRuntime();
  const node = await Node.start({ runtime, logger, isolation: "share" });
  const outcomes: Outcome[] = [];
  const strays: unknown[] = [];
  const server = start(node, Keeper);
  await runtime.settle();
  const pid = await server;
  const tester = node.spawn(async (self: Process) => {
    self.register("tester");
    const { from } = (await self.receive({ type: "kept" })) as unknown as { from: From };
    for (const [at, ms] of fate.replies.entries()) {
      const body = async (replier: Process): Promise<void> => {
        await settleAt(replier, ms);
        replyTo(from, at);
      };
      self.spawn(body);
    }
    await self.sleep("infinity");
  });
  await runtime.settle();
  const caller = node.spawn(async (self: Process) => {
    for (let round = 0; round < 2; round += 1) {
      // The second call, which nobody answers, must not be given what is left of the first.
      const answer = ask(self, pid, { fate: round, mode: fate.mode, timeout: round === 0 ? fate.timeout : 3 });
      await answer.then(
        () => outcomes.push({ kind: "reply", at: runtime.now() }),
        (error: unknown) => {
          const reason = error instanceof ExitError ? error.reason : error;
          outcomes.push({ kind: String(reason), at: runtime.now() });
        },
      );
    }
    await self.sleep(20);
    strays.push(...self.flush());
  });
  await runtime.settle();
  const events: [number, Pid][] = [];
  if (fate.serverEnds !== null) events.push([fate.serverEnds, pid]);
  if (fate.callerEnds !== null) events.push([fate.callerEnds, caller]);
  for (const [ms, target] of events.toSorted(([a], [b]) => a - b)) {
    await runtime.advance(Math.max(0, ms - runtime.now()));
    node.sendExit(target, "kill");
    await runtime.settle();
  }
  await runtime.advance(60);
  expect(node.check()).toEqual([]);
  expect(node.isProcessAlive(tester)).toBe(true);
  await node.stop();
  expect(runtime.pendingTimers).toBe(0);
  return { outcomes, strays };
}

describe("G1 a call returns exactly one of a reply and an exit", () => {
  it("whatever comes first", async () => {
    await fc.assert(
      fc.asyncProperty(fates, async (fate) => {
        const { outcomes } = await playFate(fate);
        const first = Math.min(...fate.replies, fate.timeout, fate.serverEnds ?? Number.POSITIVE_INFINITY);
        const [outcome, ...rest] = outcomes;
        expect(rest.length).toBeLessThanOrEqual(1);
        if (fate.callerEnds !== null && fate.callerEnds < first) expect(outcome).toBeUndefined();
        else if (fate.callerEnds === null || fate.callerEnds > first) {
          expect(outcome?.at).toBe(first);
          const possible: string[] = [];
          if (fate.replies.includes(first)) possible.push("reply");
          if (fate.timeout === first) possible.push("timeout");
          if (fate.serverEnds === first) possible.push("killed", "noproc");
          expect(possible).toContain(outcome?.kind);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe("G2 a late reply never reaches user code", () => {
  it("neither as a message nor as the answer to a later call", async () => {
    await fc.assert(
      fc.asyncProperty(fates, async (fate) => {
        const { outcomes, strays } = await playFate(fate);
        expect(strays).toEqual([]);
        expect(outcomes[1]?.kind).not.toBe("reply");
      }),
      { numRuns: 150 },
    );
  });
});

type Init = "ok" | "ignore" | "stop" | "throw" | "exit" | "never";

class Starting extends GenServer<number, object, { init: Init; ms: number; count: () => void }> {
  override async init({ init, ms, count }: { init: Init; ms: number; count: () => void }) {
    count();
    if (ms > 0) await this.self.sleep(ms);
    switch (init) {
      case "ok":
        return ok(0);
      case "ignore":
        return ignore;
      case "stop":
        return stopWith("stop");
      case "throw":
        throw new Error("throw");
      case "exit":
        return this.self.exit("exit");
      case "never":
        await this.self.sleep("infinity");
        return ok(0);
    }
  }
}

const starts = fc.record({
  init: fc.constantFrom<Init>("ok", "ignore", "stop", "throw", "exit", "never"),
  ms: fc.nat(4),
  timeout: fc.nat(4),
  killed: fc.option(fc.nat(4)),
  linked: fc.boolean(),
});

describe("G3 and G4: starts", () => {
  it("G3 a name is released before a failed start returns, G4 init is acknowledged exactly once", async () => {
    await fc.assert(
      fc.asyncProperty(starts, async ({ init, ms, timeout, killed, linked }) => {
        const runtime = new ManualRuntime();
        const node = await Node.start({ runtime, logger, isolation: "share" });
        const outcomes: string[] = [];
        const exits: unknown[] = [];
        let inits = 0;
        const count = (): void => void (inits += 1);
        node.spawn(async (self: Process) => {
          self.trapExit = true;
          const begin = linked ? startLink : start;
          await begin(self, Starting, { init, ms, count }, { name: "n", timeout }).then(
            (pid) => outcomes.push(node.whereis("n") === pid || killed !== null ? "ok" : "unnamed"),
            (error: unknown) => {
              expect(error).toBeInstanceOf(StartError);
              expect(node.whereis("n")).toBeUndefined();
              outcomes.push(error instanceof StartError ? String(error.reason) : "?");
            },
          );
          await self.sleep(20);
          exits.push(...self.flush());
        });
        await runtime.settle();
        if (killed !== null) {
          await runtime.advance(killed);
          const pid = node.whereis("n");
          if (pid !== undefined) node.sendExit(pid, "kill");
        }
        await runtime.advance(60);
        expect(outcomes).toHaveLength(1);
        expect(inits).toBe(1);
        expect(exits.length).toBeLessThanOrEqual(linked ? 1 : 0);
        if (outcomes[0] === "timeout") expect(exits).toEqual([]);
        expect(node.check()).toEqual([]);
        await node.stop();
        expect(runtime.pendingTimers).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
