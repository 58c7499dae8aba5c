import type { Node } from "@otp/core";
import type { Restart, Strategy as RestartStrategy } from "@otp/genserver";
import type fc from "fast-check";
import { describe, expectTypeOf, it } from "vitest";

import {
  checkServer,
  globalNames,
  History,
  type LeafSpec,
  linearizable,
  localNames,
  nameCommands,
  type NameRequest,
  namesModel,
  type NamesModel,
  type NamesUnderTest,
  type Operation,
  parallelCommands,
  type ParallelPlan,
  registryCommands,
  type RegistryModel,
  type RegistryUnderTest,
  runParallel,
  sequentialModel,
  type SequentialModel,
  serverCommands,
  type ServerModel,
  type ServerSpec,
  type ServerUnderTest,
  supervisorCommands,
  type SupervisorModel,
  supervisorOf,
  type SupervisorUnderTest,
  type TreeSpec,
  type Verdict,
} from "./index.ts";

declare const node: Node;

const spec: ServerSpec<number, "add", number, "reset"> = {
  initial: 0,
  call: (count) => [count, count + 1],
  cast: () => 0,
  requests: {} as fc.Arbitrary<"add">,
};

describe("models", () => {
  it("are held against servers", () => {
    expectTypeOf(serverCommands(spec)).toEqualTypeOf<
      fc.Arbitrary<Iterable<fc.AsyncCommand<ServerModel<number>, ServerUnderTest<"add", number, "reset">>>>
    >();
    expectTypeOf(checkServer(spec, async () => ({ call: async () => 1 }))).resolves.toBeVoid();
    // @ts-expect-error: the server answers with another type than the specification
    void checkServer(spec, async () => ({ call: async () => "one" }));
  });

  it("explain what several clients have seen", () => {
    const { requests } = spec;
    const model = sequentialModel({ initial: 0, call: (n: number, _add: "add") => [n, n + 1] as const, requests });
    expectTypeOf(model).toEqualTypeOf<SequentialModel<number, "add", number>>();
    const history = new History<"add", number>();
    expectTypeOf(history.run(0, "add", async () => 1)).resolves.toEqualTypeOf<number | undefined>();
    expectTypeOf(history.operations).toEqualTypeOf<readonly Operation<"add", number>[]>();
    expectTypeOf(linearizable(model, history.operations, { budget: 5 })).toEqualTypeOf<Verdict<"add", number>>();
    expectTypeOf<Verdict<"add", number>["verdict"]>().toEqualTypeOf<"linearizable" | "not linearizable" | "unknown">();
    expectTypeOf(parallelCommands(requests, { clients: 2 })).toEqualTypeOf<fc.Arbitrary<ParallelPlan<"add">>>();
    expectTypeOf(runParallel<"add", number>({ prefix: [], branches: [] }, async () => 1)).resolves.toEqualTypeOf<
      readonly Operation<"add", number>[]
    >();
    // @ts-expect-error: a history of something else
    linearizable(model, new History<"take", number>().operations);
  });

  it("are held against names, registries and supervisors", () => {
    expectTypeOf(nameCommands({ names: ["x"], oneEach: false })).toEqualTypeOf<
      fc.Arbitrary<Iterable<fc.AsyncCommand<NamesModel, NamesUnderTest>>>
    >();
    expectTypeOf(localNames(node)).toEqualTypeOf<NamesUnderTest>();
    expectTypeOf(globalNames([node])).toEqualTypeOf<NamesUnderTest>();
    expectTypeOf(namesModel()).toEqualTypeOf<SequentialModel<string | null, NameRequest, boolean | string | null>>();
    expectTypeOf(registryCommands({ keys: "unique" })).toEqualTypeOf<
      fc.Arbitrary<Iterable<fc.AsyncCommand<RegistryModel, RegistryUnderTest>>>
    >();
    expectTypeOf(supervisorCommands({ strategy: "one_for_all" })).toEqualTypeOf<
      fc.Arbitrary<Iterable<fc.AsyncCommand<SupervisorModel, SupervisorUnderTest>>>
    >();
    expectTypeOf(supervisorOf).returns.toEqualTypeOf<SupervisorUnderTest>();
    expectTypeOf<LeafSpec["restart"]>().toEqualTypeOf<Restart>();
    expectTypeOf<TreeSpec["strategy"]>().toEqualTypeOf<RestartStrategy>();
    // @ts-expect-error: it matters how many a key may have
    registryCommands({});
    // @ts-expect-error: there is no such strategy
    supervisorCommands({ strategy: "one_for_two" });
  });
});
