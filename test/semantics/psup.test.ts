import { ArgumentError, type Process } from "@otp/core";
import {
  type Call,
  call,
  cast,
  type ChildSpec,
  type From,
  GenServer,
  ok,
  PartitionSupervisor,
  reply,
  startLink,
  Supervisor,
} from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { callFailure } from "./behaviour.ts";
import { playing } from "./world.ts";

const play = playing("freeze");

interface HolderProtocol {
  readonly call: Call<"get", number>;
  readonly info: { readonly type: "noted" };
}

/** Holds the number of its partition. */
class Holder extends GenServer<number, HolderProtocol, number> {
  override init(index: number) {
    return ok(index);
  }
  override handleCall(_request: HolderProtocol["call"], _from: From, index: number) {
    return reply(index, index);
  }
}

const childSpec: ChildSpec = {
  id: "holder",
  start: [(self: Process, index: number) => startLink(self, Holder, index), 0],
};

/** Starts partitions that hold their numbers. */
function holders(self: Process, partitions: number) {
  return PartitionSupervisor.startLink(self, {
    name: "holders",
    childSpec,
    partitions,
    withArguments: (_args, partition) => [partition],
  });
}

function held(self: Process, key: unknown): Promise<unknown> {
  return call(self, { via: PartitionSupervisor, name: ["holders", key] }, { type: "get" });
}

describe("PartitionSupervisor", () => {
  it(
    "T-PSUP-01 whole numbers go round the partitions, by their absolute value",
    play(async (self) => {
      await holders(self, 3);
      const routed: unknown[] = [];
      for (const key of [0, 1, 2, 3, 4, -1, -2]) routed.push(await held(self, key));
      expect(routed).toEqual([0, 1, 2, 0, 1, 1, 2]);
    }),
  );

  it(
    "PSUP-2 any other key goes where its value says, and keys that are equal by value go together",
    play(async (self) => {
      await holders(self, 8);
      const where = new Map<string, unknown>();
      for (const key of ["ann", "bob", { type: "room", id: 1 }, ["a", 1], 1.5, true]) {
        where.set(JSON.stringify(key), await held(self, key));
      }
      expect(await held(self, { id: 1, type: "room" })).toBe(where.get(JSON.stringify({ type: "room", id: 1 })));
      expect(await held(self, ["a", 1])).toBe(where.get('["a",1]'));
      expect(new Set(where.values()).size).toBeGreaterThan(2);
    }),
  );

  it(
    "T-PSUP-02 counting and listing",
    play(async (self) => {
      const supervisor = await holders(self, 3);
      expect(PartitionSupervisor.partitions(self, "holders")).toBe(3);
      expect(await PartitionSupervisor.countChildren(self, supervisor)).toEqual({
        specs: 3,
        active: 3,
        supervisors: 0,
        workers: 3,
      });
      expect((await PartitionSupervisor.whichChildren(self, "holders")).map(({ id }) => id)).toEqual([0, 1, 2]);
    }),
  );

  it(
    "T-PSUP-03 options that make no sense are refused, unknown supervisors are noproc",
    play(async (self) => {
      const start = (options: object) => () =>
        // @ts-expect-error -- the compiler refuses them, too
        PartitionSupervisor.startLink(self, options);
      const name = "holders";
      expect(start({ childSpec })).toThrow("expected the option name");
      expect(start({ name })).toThrow("expected the option childSpec");
      expect(start({ name, childSpec: 42 })).toThrow("supervisors expect each child");
      expect(start({ name, childSpec, partitions: 0 })).toThrow("expected the option partitions");
      expect(start({ name, childSpec, withArguments: 1 })).toThrow("expected the option withArguments");
      expect(() => PartitionSupervisor.partitions(self, "unknown")).toThrow("no process");
      const unknown = { via: PartitionSupervisor, name: ["unknown", 0] };
      expect(await callFailure(call(self, unknown, { type: "get" }))).toMatchObject({ reason: "noproc" });
      expect(cast(self, unknown, { type: "get" })).toBe("ok");
      expect(() => self.send(unknown, { type: "noted" })).toThrow(ArgumentError);
    }),
  );

  it(
    "PSUP-3 a restarted partition keeps its number and its keys",
    play(async (self) => {
      const supervisor = await holders(self, 3);
      const before = PartitionSupervisor.whereisName(self, ["holders", 1]);
      if (before === undefined) throw new Error("partition 1 does not run");
      self.sendExit(before, "kill");
      await self.sleep(1);
      expect(await held(self, 1)).toBe(1);
      expect(PartitionSupervisor.whereisName(self, ["holders", 4])).not.toBe(before);
      await PartitionSupervisor.stop(self, supervisor);
      expect(PartitionSupervisor.whereisName(self, ["holders", 1])).toBeUndefined();
    }),
  );

  it(
    "PSUP-3 resize stops and starts partitions, up to as many as there were",
    play(async (self) => {
      const supervisor = await holders(self, 3);
      expect(await PartitionSupervisor.resize(self, "holders", 1)).toBe(3);
      expect(await held(self, 2)).toBe(0);
      expect(await PartitionSupervisor.countChildren(self, supervisor)).toMatchObject({ active: 1 });
      expect(await PartitionSupervisor.resize(self, "holders", 3)).toBe(1);
      expect(await held(self, 2)).toBe(2);
      await expect(PartitionSupervisor.resize(self, "holders", 4)).rejects.toThrow(ArgumentError);
      expect(await PartitionSupervisor.resize(self, "holders", 0)).toBe(3);
      expect(() => PartitionSupervisor.whereisName(self, ["holders", 0])).toThrow("0 partitions");
    }),
  );

  it(
    "PSUP-1 a partition supervisor is a child, takes a class, and starts nodes' cores by default",
    play(async (self) => {
      const options = { name: "many", childSpec: [Holder, 7] } as const;
      const root = await Supervisor.startLink(self, [[PartitionSupervisor, options]], { strategy: "one_for_one" });
      expect((await Supervisor.whichChildren(self, root)).map(({ id, type }) => [id, type])).toEqual([
        ["many", "supervisor"],
      ]);
      expect(PartitionSupervisor.partitions(self, "many")).toBeGreaterThan(0);
      expect(await call(self, { via: PartitionSupervisor, name: ["many", "x"] }, { type: "get" })).toBe(7);
      self.node.send({ via: PartitionSupervisor, name: ["many", "x"] }, { type: "noted" });
      const adapted = { name: "adapted", childSpec: [Holder, 7], partitions: 2 } as const;
      const withArguments = ([arg]: readonly unknown[], partition: number) => [Number(arg) + partition];
      await PartitionSupervisor.startLink(self, { ...adapted, withArguments });
      expect(await call(self, { via: PartitionSupervisor, name: ["adapted", 1] }, { type: "get" })).toBe(8);
      expect(() => PartitionSupervisor.registerName(self, ["many", 1])).toThrow(ArgumentError);
      expect(() => PartitionSupervisor.unregisterName(self, ["many", 1])).toThrow(ArgumentError);
    }),
  );
});
