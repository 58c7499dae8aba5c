/** Partitions that would overlap: what becomes of a mesh when two of its nodes lose each other (NODE-6, NODE-8). */
import type { Node } from "@otp/core";
import { describe, expect, it } from "vitest";

import { cluster, connectAll, until } from "../support/clusters.ts";
import type { LogLine } from "../support/os-peers.ts";

const said = (logs: readonly LogLine[], event: string): unknown[] =>
  logs.filter((line) => line["event"] === event).map((line) => line["peer"]);

const lists = (nodes: readonly Node[]): string[][] => nodes.map((node) => node.list().toSorted());

type Given = Parameters<Awaited<ReturnType<typeof cluster>>["start"]>[1];

async function started(names: readonly string[], options?: Given) {
  const { start } = await cluster();
  const members = await Promise.all(names.map((name) => start(name, options)));
  const nodes = members.map(({ node }) => node);
  await connectAll(nodes);
  return { start, members, nodes, logs: members.map((member) => member.logs) };
}

describe("NODE-8 overlapping partitions", { timeout: 120_000 }, () => {
  it("a disconnection takes a mesh of three apart, and each says what it did; later they meet again", async () => {
    const { nodes, logs } = await started(["one@host", "two@host", "three@host"]);
    const [one, , three] = nodes;
    expect(await one?.disconnect("three@host")).toBe(true);
    await until(() => nodes.every((node) => node.list().length === 0));
    expect(said(logs[0] ?? [], "global_disconnected")).toEqual(["two@host"]);
    expect(said(logs[2] ?? [], "global_disconnected")).toEqual(["two@host"]);
    await until(() => said(logs[1] ?? [], "global_requested_disconnect").length === 2);
    expect(logs[0]?.find((line) => line["event"] === "global_disconnected")?.["msg"]).toBe(
      "'global' at node one@host disconnected node two@host in order to prevent overlapping partitions",
    );
    expect(logs[1]?.find((line) => line["event"] === "global_requested_disconnect")?.["msg"]).toMatch(
      /^'global' at node two@host requested disconnect from node (?:one|three)@host in order to prevent overlapping/u,
    );
    expect(await one?.connect("two@host")).toBe(true);
    expect(await three?.connect("one@host")).toBe(true);
    await until(() => nodes.every((node) => node.list().length === 2));
    for (const node of nodes) await node.global.sync();
    expect(lists(nodes).map(({ length }) => length)).toEqual([2, 2, 2]);
  });

  it("with the option off the two others stay, as before OTP 25", async () => {
    const { nodes, logs } = await started(["one@host", "two@host", "three@host"], {
      preventOverlappingPartitions: false,
    });
    await nodes[0]?.disconnect("three@host");
    await until(() => nodes[2]?.list().length === 1);
    await Promise.all(nodes.map((node) => node.global.sync()));
    expect(lists(nodes)).toEqual([["two@host"], ["one@host", "three@host"], ["two@host"]]);
    expect(logs.flat().filter(({ level }) => level > 30)).toEqual([]);
  });

  it("of five nodes those go whom the others have lost, and the rest stays together", async () => {
    const { nodes } = await started(["a@host", "b@host", "c@host", "d@host", "e@host"]);
    await nodes[0]?.disconnect("b@host");
    const rest = ["c@host", "d@host", "e@host"];
    await until(() => lists(nodes).every((list, at) => list.length === (at < 2 ? 0 : 2)));
    expect(lists(nodes).slice(2)).toEqual(rest.map((name) => rest.filter((other) => other !== name)));
    await connectAll(nodes);
  });

  it("a node that is stopped is lost like before, without a word", async () => {
    const { nodes, logs } = await started(["a@host", "b@host", "c@host", "d@host"]);
    await nodes[0]?.stop();
    await until(() => lists(nodes.slice(1)).every(({ length }) => length === 2));
    for (const node of nodes.slice(1)) await node.global.sync();
    expect(lists(nodes.slice(1)).map(({ length }) => length)).toEqual([2, 2, 2]);
    expect(logs.flat().filter(({ level }) => level > 30)).toEqual([]);
  });

  it("two nodes who lose each other have nobody to tell", async () => {
    const { nodes, logs } = await started(["one@host", "two@host"]);
    await nodes[0]?.disconnect("two@host");
    await until(() => nodes.every((node) => node.list().length === 0));
    expect(await nodes[1]?.connect("one@host")).toBe(true);
    expect(logs.flat().filter(({ level }) => level > 30)).toEqual([]);
  });

  it("NODE-7 who cannot connect to a member of the mesh takes that one's place", async () => {
    const { start, nodes, logs } = await started(["one@host", "two@host"]);
    const [one, two] = nodes;
    one?.setCookie("new");
    const { node: three, logs: said3 } = await start("three@host", { cookie: "new" });
    expect(await three.connect("one@host")).toBe(true);
    await until(() => two?.list().length === 0 && one?.list().length === 1);
    expect(lists([...nodes, three])).toEqual([["three@host"], [], ["one@host"]]);
    expect(said(said3, "global_connect_failed")).toEqual(["two@host"]);
    expect(said3.find((line) => line["event"] === "global_connect_failed")?.["msg"]).toBe(
      "'global' at three@host failed to connect to two@host",
    );
    expect(said(logs[1] ?? [], "global_disconnected")).toEqual(["one@host"]);
    two?.setCookie("new");
    await connectAll([...nodes, three]);
  });

  it("a node outside of the mesh is not asked for anything, nor does it ask", async () => {
    const { start, nodes, logs } = await started(["one@host", "two@host"]);
    const { node: loner, logs: saidLoner } = await start("loner@host", { connectAll: false });
    for (const node of nodes) expect(await loner.connect(node.name)).toBe(true);
    await loner.disconnect("one@host");
    await until(() => nodes[0]?.list().length === 1);
    await Promise.all(nodes.map((node) => node.global.sync()));
    expect(lists([...nodes, loner])).toEqual([["two@host"], ["loner@host", "one@host"], ["two@host"]]);
    expect([...logs.flat(), ...saidLoner].filter(({ level }) => level > 30)).toEqual([]);
  });
});
