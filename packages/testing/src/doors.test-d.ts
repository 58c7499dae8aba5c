import type { Node, NodeOptions, Pid, Process, Ref } from "@otp/core";
import type { Runtime } from "@otp/core/runtime";
import type { Codec, IdentityTable, Transport } from "@otp/core/transport";
import type { SupervisorPid } from "@otp/genserver";
import type fc from "fast-check";
import { describe, expectTypeOf, it } from "vitest";

import { type AwaitPointsOptions, awaitPoints, type AwaitPointsPlugin } from "./await-points.ts";
import {
  checkLaws,
  checkRecording,
  codecContract,
  type Deed,
  type Deviations,
  diagramOf,
  EscapeError,
  exhaustive,
  type ExhaustiveOptions,
  type Exhausted,
  explore,
  type ExploreOptions,
  firstDifference,
  type Goal,
  type Happening,
  type Holdings,
  holdingsOf,
  type Law,
  lawBook,
  type LawEntry,
  laws,
  type LeafSpec,
  leaksOf,
  lineOf,
  type NemesisPlan,
  observe,
  type Outcome,
  type Patience,
  pids,
  Probe,
  probe,
  type ProbePatience,
  readRecording,
  reasons,
  record,
  Recording,
  refs,
  runtimeContract,
  type RuntimeSubject,
  runTraffic,
  type Scenario,
  schedule,
  Schedule,
  type SettleOptions,
  shrink,
  simTest,
  type SimTestOptions,
  simulate,
  type SimulateOptions,
  type Simulation,
  startSupervised,
  startTree,
  type Strategy,
  StuckError,
  supervisionTrees,
  terms,
  TestCluster,
  testCluster,
  testNode,
  type TimeModel,
  type Trace,
  type TraceEvent,
  type Traffic,
  trafficBetween,
  type TrafficStep,
  transportContract,
  type TreeSpec,
  viaContract,
  type ViaSubject,
  type Weather,
} from "./index.ts";

declare const node: Node;
declare const ref: Ref;
declare const picky: Pid<{ readonly type: "tick" }>;
declare const sim: Simulation;
declare const events: readonly TraceEvent[];

describe("a simulation", () => {
  it("gives nodes and probes, and waits for a goal", () => {
    expectTypeOf(sim.node("a")).resolves.toEqualTypeOf<Node>();
    expectTypeOf(sim.node).parameter(1).toEqualTypeOf<NodeOptions | undefined>();
    expectTypeOf(sim.restart("a")).resolves.toEqualTypeOf<Node>();
    expectTypeOf(sim.alive).toEqualTypeOf<readonly Node[]>();
    expectTypeOf(sim.probe(node)).toEqualTypeOf<Probe>();
    expectTypeOf(sim.run).parameter(0).toEqualTypeOf<Goal>();
    expectTypeOf<Goal>().toEqualTypeOf<{ readonly for: number } | { readonly until: () => boolean } | "toQuiescence">();
    expectTypeOf(sim.settle).parameter(0).toEqualTypeOf<SettleOptions | undefined>();
    expectTypeOf(sim.nemesis).parameter(0).toEqualTypeOf<NemesisPlan>();
    expectTypeOf(sim.pick("size", 3)).toBeNumber();
    expectTypeOf(sim.faults).toEqualTypeOf<readonly string[]>();
    expectTypeOf(sim.foreign(async () => 17)).resolves.toBeNumber();
    sim.partition(["a"], [node], { oneWay: true });
    // @ts-expect-error: groups of nodes, not nodes
    sim.partition("a", "b");
    // @ts-expect-error: there is no such goal
    void sim.run("forever");
  });

  it("runs a scenario under a schedule", () => {
    expectTypeOf<Scenario>().toEqualTypeOf<(sim: Simulation) => Promise<void> | void>();
    expectTypeOf(simulate(Schedule.drawn(1), () => undefined)).resolves.toBeVoid();
    expectTypeOf(simulate.replay("1; hold a.3@1", async () => undefined, { time: "bounded" })).resolves.toBeVoid();
    expectTypeOf(observe(Schedule.fixed(1), () => undefined)).resolves.toEqualTypeOf<Outcome>();
    expectTypeOf<Outcome["error"]>().toEqualTypeOf<Error | undefined>();
    expectTypeOf<Outcome["trace"]>().toEqualTypeOf<Trace>();
    expectTypeOf<SimulateOptions["weather"]>().toEqualTypeOf<Weather | undefined>();
    expectTypeOf<TimeModel>().toEqualTypeOf<"eager" | "bounded" | "adversarial">();
    // @ts-expect-error: a scenario gives nothing
    void simulate(Schedule.drawn(1), () => 17);
  });

  it("is explored, exhausted and tested", () => {
    expectTypeOf(explore).parameter(1).toEqualTypeOf<ExploreOptions | undefined>();
    expectTypeOf(explore(() => undefined)).resolves.toBeVoid();
    expectTypeOf(exhaustive).parameter(1).toEqualTypeOf<ExhaustiveOptions | undefined>();
    expectTypeOf(exhaustive(() => undefined)).resolves.toEqualTypeOf<Exhausted>();
    expectTypeOf(simTest).parameters.toEqualTypeOf<[string, SimTestOptions, Scenario]>();
    expectTypeOf<SimTestOptions>().toExtend<ExploreOptions>();
    expectTypeOf(new StuckError("why")).toExtend<Error>();
    expectTypeOf(new EscapeError("what")).toExtend<Error>();
  });
});

describe("schedules", () => {
  it("are drawn, fixed, read and shrunk", () => {
    expectTypeOf(Schedule.drawn(1, { strategy: "priority" })).toEqualTypeOf<Schedule>();
    expectTypeOf<Strategy>().toEqualTypeOf<"named" | "priority" | "random">();
    expectTypeOf(Schedule.fixed(1, new Map([["hold a.1@1", 1]]))).toEqualTypeOf<Schedule>();
    expectTypeOf<Deviations>().toEqualTypeOf<ReadonlyMap<string, number>>();
    expectTypeOf(Schedule.parse("1")).toEqualTypeOf<Schedule>();
    expectTypeOf(schedule()).toEqualTypeOf<fc.Arbitrary<Schedule>>();
    expectTypeOf(shrink(Schedule.drawn(1), async () => true)).resolves.toEqualTypeOf<Schedule>();
    // @ts-expect-error: a schedule is drawn, fixed or parsed
    expectTypeOf(new Schedule(1)).toEqualTypeOf<Schedule>();
  });
});

describe("laws and traces", () => {
  it("take events and say what is wrong", () => {
    expectTypeOf<Law>().toEqualTypeOf<(events: readonly TraceEvent[]) => readonly string[]>();
    expectTypeOf(laws).toEqualTypeOf<readonly Law[]>();
    expectTypeOf(lawBook).toEqualTypeOf<readonly LawEntry[]>();
    expectTypeOf(checkLaws(events)).toEqualTypeOf<readonly string[]>();
    expectTypeOf(diagramOf(events, 10)).toEqualTypeOf<readonly string[]>();
    expectTypeOf(lineOf).parameter(0).toEqualTypeOf<TraceEvent>();
    expectTypeOf(firstDifference).returns.toEqualTypeOf<string | undefined>();
    expectTypeOf<TraceEvent>().toEqualTypeOf<Happening & { readonly at: number; readonly node: string }>();
    expectTypeOf<Deed>().toExtend<Happening>();
  });

  it("are recorded and read back", () => {
    expectTypeOf(record(node, { write: (line: string) => void line })).toEqualTypeOf<Recording>();
    expectTypeOf<Recording>().toExtend<Disposable>();
    expectTypeOf(new Recording(node).lines).toEqualTypeOf<string[]>();
    expectTypeOf(readRecording(new Set(["{}"]))).toEqualTypeOf<TraceEvent[]>();
    expectTypeOf(checkRecording([])).toEqualTypeOf<readonly string[]>();
  });
});

describe("everyday helpers", () => {
  it("probe, and wait for what comes", () => {
    expectTypeOf(probe(node, { withinMs: 5, quietMs: 5 })).toEqualTypeOf<Probe>();
    expectTypeOf<Probe>().toExtend<AsyncDisposable>();
    expectTypeOf(new Probe(node, async () => undefined).pid).toEqualTypeOf<Pid>();
    expectTypeOf<ConstructorParameters<typeof Probe>>().toEqualTypeOf<[Node, Patience | ProbePatience]>();
    expectTypeOf(probe(node).assertReceive({ type: "x" })).resolves.toBeUnknown();
    expectTypeOf(probe(node).monitor(picky)).resolves.toEqualTypeOf<Ref>();
    void probe(node).expectDown(ref, "normal");
    void probe(node).expectExit(picky);
    // @ts-expect-error: a name is no process
    void probe(node).expectExit("name");
  });

  it("start what ends with the test", () => {
    expectTypeOf(testNode({ leaks: "ignore", name: "a@host" })).resolves.toEqualTypeOf<Node>();
    expectTypeOf(testCluster(["a", "b"])).resolves.toEqualTypeOf<TestCluster>();
    expectTypeOf(new TestCluster([node]).node("a")).toEqualTypeOf<Node>();
    expectTypeOf(holdingsOf(node)).toEqualTypeOf<Holdings>();
    expectTypeOf(leaksOf(node, holdingsOf(node))).toEqualTypeOf<readonly string[]>();
    const start = async (self: Process): Promise<Pid<"stop">> => self.spawnLink(async () => undefined);
    expectTypeOf(startSupervised(node, { id: "x", start })).resolves.toEqualTypeOf<Pid<"stop">>();
    // @ts-expect-error: a child has to be started somehow
    void startSupervised(node, { id: "x" });
  });
});

describe("arbitraries", () => {
  it("make what their names say", () => {
    expectTypeOf(pids()).toEqualTypeOf<fc.Arbitrary<Pid>>();
    expectTypeOf(refs()).toEqualTypeOf<fc.Arbitrary<Ref>>();
    expectTypeOf(terms({})).toEqualTypeOf<fc.Arbitrary<unknown>>();
    expectTypeOf(reasons()).toEqualTypeOf<fc.Arbitrary<unknown>>();
    expectTypeOf(trafficBetween({ processes: 2, steps: 3 })).toEqualTypeOf<fc.Arbitrary<Traffic>>();
    expectTypeOf<Traffic["steps"]>().toEqualTypeOf<readonly TrafficStep[]>();
    expectTypeOf(runTraffic).parameters.toEqualTypeOf<[readonly Node[], Traffic]>();
    expectTypeOf(supervisionTrees({ depth: 2, width: 2 })).toEqualTypeOf<fc.Arbitrary<TreeSpec>>();
    expectTypeOf<TreeSpec["children"]>().toEqualTypeOf<readonly (LeafSpec | TreeSpec)[]>();
    expectTypeOf(startTree).parameters.toEqualTypeOf<[Node, TreeSpec]>();
    expectTypeOf(startTree).returns.resolves.toEqualTypeOf<SupervisorPid>();
  });
});

describe("the plugin of await points", () => {
  it("takes a pattern of modules", () => {
    expectTypeOf(awaitPoints).parameters.toEqualTypeOf<[AwaitPointsOptions]>();
    expectTypeOf(awaitPoints({ include: /src/u })).toEqualTypeOf<AwaitPointsPlugin>();
    // @ts-expect-error: which modules?
    awaitPoints({});
  });
});

describe("contracts", () => {
  it("take what makes the subject", () => {
    expectTypeOf(codecContract).parameters.toEqualTypeOf<[(identities: IdentityTable) => Codec]>();
    expectTypeOf(transportContract).parameters.toEqualTypeOf<[() => Transport]>();
    expectTypeOf(runtimeContract).parameters.toEqualTypeOf<[() => RuntimeSubject]>();
    expectTypeOf<RuntimeSubject["runtime"]>().toEqualTypeOf<Runtime>();
    expectTypeOf(viaContract<string>).parameters.toEqualTypeOf<[(node: Node) => Promise<ViaSubject<string>>]>();
    expectTypeOf<ViaSubject<string>["free"]>().toEqualTypeOf<string | undefined>();
  });
});
