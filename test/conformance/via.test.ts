/** Everything that can stand in `{ via, name }` against the contract of via modules. */
import { Node, type ViaModule } from "@otp/core";
import { PartitionSupervisor } from "@otp/genserver";
import { viaContract } from "@otp/testing";
import { describe } from "vitest";

import { Hands } from "./hands.ts";

/** The names of the cluster, in the form of a module. */
const globalNames: ViaModule = {
  registerName: (node, name, pid) => nodeIn(node).global.registerName(name, pid),
  unregisterName: (node, name) => void nodeIn(node).global.unregisterName(name),
  whereisName: (node, name) => nodeIn(node).global.whereisName(name),
  send: (node, name, message) => nodeIn(node).global.send(name, message),
};

function nodeIn(context: unknown): Node {
  if (context instanceof Node) return context;
  throw new Error("expected a node");
}

describe("global", () => viaContract(async () => ({ via: globalNames, free: { any: "term" }, unknown: "nobody" })));

describe("PartitionSupervisor", () =>
  viaContract<unknown>(async (node) => {
    await PartitionSupervisor.start(node, { name: "parts", childSpec: Hands, partitions: 3 });
    return { via: PartitionSupervisor, taken: ["parts", 1], unknown: ["nobody", 1] };
  }));
