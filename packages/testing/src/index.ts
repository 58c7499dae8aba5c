/** The front door of `@otp/testing`. */
export { pids, refs } from "./arbitrary/identities.ts";
export { reasons } from "./arbitrary/reasons.ts";
export { type TermOptions, terms } from "./arbitrary/terms.ts";
export {
  runTraffic,
  type Traffic,
  trafficBetween,
  type TrafficOptions,
  type TrafficStep,
} from "./arbitrary/traffic.ts";
export { type LeafSpec, startTree, supervisionTrees, type TreeOptions, type TreeSpec } from "./arbitrary/trees.ts";
export { codecContract } from "./conformance/codec.ts";
export { runtimeContract, type RuntimeSubject } from "./conformance/runtime.ts";
export { transportContract } from "./conformance/transport.ts";
export { viaContract, type ViaSubject } from "./conformance/via.ts";
export { exhaustive, type ExhaustiveOptions, type Exhausted, explore, type ExploreOptions } from "./explore.ts";
export { checkLaws, lawBook, type LawEntry, laws } from "./laws/laws.ts";
export type { Law } from "./laws/reading.ts";
export { type Patience, Probe, probe, type ProbeOptions, type ProbePatience } from "./everyday/probe.ts";
export { startSupervised, type SupervisedOptions } from "./everyday/supervised.ts";
export {
  type Holdings,
  holdingsOf,
  type LeakOptions,
  leaksOf,
  TestCluster,
  testCluster,
  testNode,
} from "./everyday/test-nodes.ts";
export { History, type Operation } from "./model/history.ts";
export { linearizable, type LinearizableOptions, type SequentialModel, type Verdict } from "./model/linearizable.ts";
export {
  globalNames,
  localNames,
  nameCommands,
  type NameRequest,
  namesModel,
  type NamesModel,
  type NamesOptions,
  type NamesUnderTest,
} from "./model/names.ts";
export { parallelCommands, type ParallelOptions, type ParallelPlan, runParallel } from "./model/parallel.ts";
export {
  registryCommands,
  type RegistryModel,
  registryOf,
  type RegistryOptions,
  type RegistryUnderTest,
} from "./model/registry.ts";
export {
  checkServer,
  sequentialModel,
  serverCommands,
  type ServerModel,
  type ServerSpec,
  type ServerUnderTest,
} from "./model/server.ts";
export {
  type ModelChild,
  supervisorCommands,
  type SupervisorCommandsOptions,
  type SupervisorModel,
  supervisorOf,
  type SupervisorUnderTest,
} from "./model/supervisor.ts";
export type { Deed } from "./record/deed.ts";
export { checkRecording, readRecording, record, type RecordOptions, Recording } from "./record/recording.ts";
export { schedule } from "./schedule/arbitrary.ts";
export { type Deviations, type DrawOptions, Schedule, type Strategy } from "./schedule/schedule.ts";
export { shrink } from "./schedule/shrink.ts";
export { simTest, type SimTestOptions } from "./sim-test.ts";
export type { Weather } from "./simulation/medium.ts";
export {
  observe,
  type Outcome,
  type Scenario,
  type Simulate,
  simulate,
  type SimulateOptions,
} from "./simulation/simulate.ts";
export type { NemesisPlan } from "./simulation/nemesis.ts";
export type { Goal, SettleOptions } from "./simulation/patience.ts";
export type { Simulation } from "./simulation/simulation.ts";
export { diagramOf } from "./simulation/diagram.ts";
export { EscapeError, StuckError } from "./simulation/stuck.ts";
export { firstDifference, type Happening, lineOf, type Trace, type TraceEvent } from "./simulation/trace.ts";
export type { TimeModel } from "./simulation/world.ts";
