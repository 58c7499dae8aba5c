import { memoryHub, Node, type Process, remote } from "@otp/core";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";

import { FilterError, filterRemotely, findService, inProcess } from "./client.ts";
import { FilterService } from "./filter-service.ts";
import { parsePredicate } from "./predicates.ts";

const fails = remote("filter-test/fails", (_item: unknown): boolean => {
  throw new RangeError("no such luck");
});

/** A serving node and a client node, in memory. */
async function cluster(): Promise<{ readonly worker: Node; readonly client: Node }> {
  const hub = memoryHub();
  const start = async (name: string): Promise<Node> => {
    const node = await Node.start({
      name,
      cookie: "secret",
      transport: hub.transport(),
      discover: true,
      logger: pino({ level: "silent" }),
    });
    onTestFinished(() => node.stop());
    return node;
  };
  const worker = await start("worker@localhost");
  await new Promise<void>((resolve, reject) => {
    inProcess(worker, async (self: Process) => {
      await FilterService.startLink(self);
      resolve();
      await self.sleep("infinity");
    }).catch(reject);
  });
  const client = await start("client@localhost");
  return { worker, client };
}

const ask = { timeoutMs: 5_000, pieceSize: 10 };

describe("FilterService on another node", () => {
  it("filters in pieces and keeps the order", async () => {
    const { client } = await cluster();
    await findService(client, { waitMs: 5_000 });
    const items = Array.from({ length: 101 }, (_, i) => ({ i }));
    const progress: number[] = [];
    const kept = await filterRemotely(client, {
      ...ask,
      items,
      predicate: parsePredicate("gt:i:49"),
      onProgress: (done) => progress.push(done),
    });
    expect(kept).toEqual(items.slice(50));
    expect(progress.at(-1)).toBe(101);
    expect(await filterRemotely(client, { ...ask, items: [], predicate: parsePredicate("has:i") })).toEqual([]);
  });

  it("says that a predicate failed, and serves on", async () => {
    const { client } = await cluster();
    await findService(client, { waitMs: 5_000 });
    await expect(filterRemotely(client, { ...ask, items: [1], predicate: fails })).rejects.toThrow(
      "the predicate failed: RangeError: no such luck",
    );
    expect(await filterRemotely(client, { ...ask, items: ["a"], predicate: parsePredicate("contains:a") })).toEqual([
      "a",
    ]);
  });

  it("says that nobody has the service when its node stops in the middle and no other takes over", async () => {
    const { worker, client } = await cluster();
    await findService(client, { waitMs: 5_000 });
    const items = Array.from({ length: 1_000 }, (_, i) => ({ i }));
    const stopping: Promise<void>[] = [];
    const asked = filterRemotely(client, {
      ...ask,
      timeoutMs: 50,
      items,
      predicate: parsePredicate("has:i"),
      onProgress: () => stopping.push(worker.stop()),
    });
    await expect(asked).rejects.toThrow(FilterError);
    await Promise.all(stopping);
  });

  it("says what is missing when there is no service", async () => {
    const hub = memoryHub();
    const options = { cookie: "secret", discover: true, logger: pino({ level: "silent" }) };
    await using alone = await Node.start({ ...options, name: "alone@localhost", transport: hub.transport() });
    await expect(findService(alone, { waitMs: 50 })).rejects.toThrow(/no other node is in this cluster/u);
    await using _other = await Node.start({ ...options, name: "other@localhost", transport: hub.transport() });
    await alone.connect("other@localhost");
    await expect(findService(alone, { waitMs: 50 })).rejects.toThrow(/no FilterService is running on other@localhost/u);
  });
});
