import { pino } from "pino";
import { describe, expect, it } from "vitest";

import { memoryHub } from "../dist/memory.ts";
import { ManualRuntime } from "../runtime/manual.ts";
import { Node } from "./node.ts";

const cheap = { N: 2, r: 1, p: 1 };

describe("NODE-6 nodes that a peer tells of", () => {
  it("are left out without a word when they can never be reached", async () => {
    const runtime = new ManualRuntime();
    const hub = memoryHub({ runtime });
    const lines: string[] = [];
    const logger = pino({ level: "debug" }, { write: (line) => void lines.push(line) });
    const silent = pino({ level: "silent" });
    const start = (name: string, log: typeof silent): Promise<Node> =>
      Node.start({ name, cookie: "secret", runtime, stretch: cheap, transport: hub.transport(), logger: log });
    const starting = [start("one@host", silent), start("two@host", logger)] as const;
    await runtime.advance(10);
    const [one, two] = await Promise.all(starting);
    const connecting = one.connect(two.name);
    await runtime.advance(100);
    expect(await connecting).toBe(true);
    const { root, services } = Node.kernelOf(one);
    const tell = async (...nodes: readonly unknown[]): Promise<void> => {
      services.route(two.name, { op: "sendName", from: root, to: "$net", message: { type: "nodes", nodes } });
      await runtime.advance(100);
    };
    await tell("three@far.example.com", "nonode@nohost", "two@host", "one@host", "no name", 7);
    expect(two.list("known").toSorted()).toEqual(["one@host", "two@host"]);
    expect(lines.filter((line) => /bad_name|connect_failed/.test(line))).toEqual([]);
    await tell("three@host");
    expect(two.list("known")).toContain("three@host");
    const stopping = [one.stop(), two.stop()];
    await runtime.advance(10_000);
    await Promise.all(stopping);
  });
});
