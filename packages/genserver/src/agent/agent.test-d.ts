/** Agents know what they keep: functions are held to it, results follow from them. */
import type { Node, Process } from "@otp/core";
import { expectTypeOf, it } from "vitest";

import { DynamicSupervisor } from "../supervisor/dynamic.ts";
import { Supervisor } from "../supervisor/supervisor.ts";
import { Agent } from "./agent.ts";
import type { AgentPid } from "./agent-server.ts";

declare const self: Process;
declare const node: Node;
declare const counter: AgentPid<number>;

it("the state is what the first function gives", () => {
  expectTypeOf(Agent.start(node, () => 0)).resolves.toEqualTypeOf<AgentPid<number>>();
  expectTypeOf(Agent.startLink(self, async () => new Map<string, boolean>())).resolves.toEqualTypeOf<
    AgentPid<Map<string, boolean>>
  >();
});

it("results follow from the functions", () => {
  expectTypeOf(Agent.get(self, counter, (n) => String(n))).resolves.toEqualTypeOf<string>();
  expectTypeOf(Agent.get(self, counter, async (n) => [n])).resolves.toEqualTypeOf<number[]>();
  expectTypeOf(Agent.update(self, counter, (n) => n + 1)).resolves.toEqualTypeOf<"ok">();
  expectTypeOf(Agent.getAndUpdate(self, counter, (n) => [`was ${n}`, n + 1])).resolves.toEqualTypeOf<string>();
  expectTypeOf(Agent.get(self, "counter", (n: number) => n)).resolves.toEqualTypeOf<number>();
  expectTypeOf(Agent.cast(self, { global: "counter" }, (n: number) => n)).toEqualTypeOf<"ok">();
});

it("what does not fit the state is refused", () => {
  // @ts-expect-error -- the state is a number
  void Agent.get(self, counter, (s: string) => s);
  // @ts-expect-error -- the new state has to be a number
  void Agent.update(self, counter, (n) => String(n));
  // @ts-expect-error -- the new state has to be a number
  void Agent.getAndUpdate(self, counter, (n) => [n, String(n)]);
  // @ts-expect-error -- a pair is wanted
  void Agent.getAndUpdate(self, counter, (n) => n);
  // @ts-expect-error -- the new state has to be a number
  Agent.cast(self, counter, () => "x");
  // @ts-expect-error -- a node cannot be linked
  void Agent.startLink(node, () => 0);
});

it("agents are children", () => {
  void Supervisor.startLink(self, [[Agent, () => 0]], { strategy: "one_for_one" });
  void Supervisor.startLink(self, [[Agent, { init: () => 0, name: "counter" }]], { strategy: "one_for_one" });
  void DynamicSupervisor.startChild(self, "sup", [Agent, () => 0]);
  // @ts-expect-error -- an agent needs a function
  void Supervisor.startLink(self, [[Agent, 5]], { strategy: "one_for_one" });
});
