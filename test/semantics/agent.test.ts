/** Chapter 19, agents: a state that others work on by functions. */
import { ArgumentError, CallError, type Process, remote } from "@otp/core";
import { Agent, GenServer, Supervisor, sys } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { cluster, inProcess } from "../support/clusters.ts";
import { callFailure, failure, keptLog, type LogLine, startFailure } from "./behaviour.ts";
import { quietly } from "./tasks.ts";
import { dead, endOf, isolations, pause, play, playing } from "./world.ts";

describe.each(isolations)("agents, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-AGENT-01 Workflow",
    play(async (self, { node }) => {
      const agent = await Agent.start(self, () => new Map<string, number>());
      const put = (key: string, value: number) => (map: Map<string, number>) => new Map(map).set(key, value);
      expect(await Agent.update(self, agent, put("a", 1))).toBe("ok");
      expect(await Agent.get(self, agent, (map) => map.get("a"))).toBe(1);
      expect(await Agent.getAndUpdate(self, agent, (map) => [map.get("a"), put("a", 2)(map)])).toBe(1);
      expect(Agent.cast(self, agent, put("a", 3))).toBe("ok");
      expect(await Agent.get(self, agent, (map) => map.get("a"))).toBe(3);
      expect(await Agent.stop(self, agent)).toBe("ok");
      expect(node.isProcessAlive(agent)).toBe(false);
    }),
  );

  it(
    "T-AGENT-02 Where functions run",
    play(async (self, { node }) => {
      const agent = await Agent.startLink(self, () => 0);
      expect(await Agent.get(self, agent, (_state, agent) => agent.pid)).toBe(agent);
      expect(node.info(self.pid, "links")).toEqual([agent]);
      await Agent.stop(node, agent);
    }),
  );

  it(
    "JS-10 functions may be asynchronous, and run one at a time",
    play(async (self) => {
      const agent = await Agent.start(self, async () => {
        await self.sleep(5);
        return [] as readonly number[];
      });
      const add = (n: number, ms: number) => async (list: readonly number[]) => {
        await self.sleep(ms);
        return [...list, n];
      };
      Agent.cast(self, agent, add(1, 20));
      await Promise.all([Agent.update(self, agent, add(2, 10)), Agent.update(self, agent, add(3, 0))]);
      expect(await Agent.get(self, agent, async (list) => list)).toEqual([1, 2, 3]);
    }),
  );
});

describe("what goes wrong", () => {
  it(
    "T-AGENT-03 Failure",
    quietly(async (self) => {
      self.trapExit = true;
      const broken = new RangeError("broken");
      const breaks = (): never => {
        throw broken;
      };
      const linked = await Agent.startLink(self, () => 1);
      const error = await callFailure(Agent.get(self, linked, breaks));
      expect(error).toMatchObject({ reason: broken, operation: "call", target: linked, request: { type: "get" } });
      expect(await self.receive({ type: "EXIT" })).toEqual({ type: "EXIT", from: linked, reason: broken });
      const bad = await Agent.start(self, () => 1);
      const junk = Reflect.apply(Agent.getAndUpdate, Agent, [self, bad, () => "bad"]);
      expect((await callFailure(junk)).reason).toEqual({ badReturnValue: "bad" });
      expect(await endOf(self, bad)).toBe("noproc");
      expect(await startFailure(Agent.start(self, breaks))).toBe(broken);
    }),
  );

  it(
    "AGENT-2 whatever a function does ends the agent: exit, throw, rejection, also of a cast",
    quietly(async (self) => {
      const cases = [
        [() => self.exit("gone"), "gone"],
        [() => Promise.reject(new Error("no")), new Error("no")],
        [
          () => {
            throw "ball";
          },
          { badReturnValue: "ball" },
        ],
      ] as const;
      for (const [fn, reason] of cases) {
        const agent = await Agent.start(self, () => 1);
        expect((await callFailure(Agent.get(self, agent, fn))).reason).toEqual(reason);
        const other = await Agent.start(self, () => 1);
        const end = endOf(self, other);
        Agent.cast(self, other, fn);
        expect(await end).toEqual(reason);
      }
    }),
  );

  it(
    "T-AGENT-04 Names",
    quietly(async (self) => {
      const pid = await Agent.start(self, () => 5, { name: "n" });
      expect(await startFailure(Agent.start(self, () => 6, { name: "n" }))).toEqual({ type: "already_started", pid });
      expect(await Agent.get(self, "n", (n: number) => n)).toBe(5);
      for (const nobody of ["none", await dead(self), null]) {
        expect((await callFailure(Agent.get(self, nobody, (n: number) => n))).reason).toBe("noproc");
        expect(Agent.cast(self, nobody, (n: number) => n)).toBe("ok");
      }
    }),
  );

  it(
    "AGENT-3 an update that takes too long is done all the same; an agent that asks itself ends",
    quietly(async (self, { node }) => {
      const agent = await Agent.start(self, () => 1);
      const late = Agent.update(self, agent, async (n) => (await self.sleep(50), n + 1), 10);
      expect((await callFailure(late)).reason).toBe("timeout");
      expect(await Agent.get(self, agent, (n) => n)).toBe(2);
      const asked = Agent.get(self, agent, async () => failure(Agent.get(node, agent, () => 1, 20)));
      expect(await asked).toMatchObject({ reason: "timeout" });
      expect(() => Agent.get(self, agent, () => 1, -1)).toThrow(ArgumentError);
      for (const query of [Agent.get, Agent.update, Agent.getAndUpdate, Agent.cast]) {
        expect(() => Reflect.apply(query, Agent, [self, agent, "fn"])).toThrow(/expected a function for an agent/);
      }
      expect(() => Reflect.apply(Agent.start, Agent, [self, 5])).toThrow(ArgumentError);
    }),
  );

  it("stray messages are logged and dropped", async () => {
    const lines: LogLine[] = [];
    await play(
      async (self) => {
        const agent = await Agent.start(self, () => 1);
        self.send(agent, "stray");
        expect(await Agent.get(self, agent, (n) => n)).toBe(1);
        expect(lines.map(({ msg }) => msg)).toEqual([
          `AgentServer ${agent} received unexpected message in handleInfo: 'stray'`,
        ]);
      },
      { logger: keptLog(lines) },
    );
  });
});

describe("as servers", () => {
  it(
    "AGENT-3 children of supervisors, state by sys, changed code",
    quietly(async (self) => {
      const root = await Supervisor.startLink(self, [[Agent, { init: () => 1, name: "kept" }]], {
        strategy: "one_for_one",
      });
      const first = self.whereis("kept");
      expect(await callFailure(Agent.update(self, "kept", (): number => self.exit("bad")))).toBeInstanceOf(CallError);
      await pause(self);
      expect(self.whereis("kept")).not.toBe(first);
      expect(await sys.getState(self, "kept")).toBe(1);
      await sys.suspend(self, "kept");
      const change = { module: GenServer, oldVersion: 1, extra: [(n: number, by: number) => n + by, 4] };
      expect(await sys.changeCode(self, "kept", change)).toBe("ok");
      await sys.resume(self, "kept");
      expect(await Agent.get(self, "kept", (n: number) => n)).toBe(5);
      await Supervisor.stop(self, root);
    }),
  );

  const double = remote("test/agent/double", (n: number): number => n * 2);
  const plus = remote("test/agent/plus", (by: number, n: number): number => n + by);

  it("over nodes functions go by their names, with what is bound to them", async () => {
    const [here, there] = await (await cluster()).mesh("here@x", "there@x");
    if (here === undefined || there === undefined) throw new Error("no nodes");
    await inProcess(there, (self) => Agent.start(self, () => 1, { name: "n" }));
    await inProcess(here, async (self: Process) => {
      const agent = { name: "n", node: there.name };
      expect(await Agent.update(self, agent, remote.bind(plus, 20))).toBe("ok");
      expect(Agent.cast(self, agent, double)).toBe("ok");
      expect(await Agent.get(self, agent, double)).toBe(84);
      expect(await failure(Agent.get(self, agent, (n: number) => n))).toMatchObject({ name: "CodecError" });
      expect(await Agent.get(self, agent, double)).toBe(84);
    });
  });
});
