import { memoryHub, Node, type Process } from "@otp/core";
import { Application, Registry, Supervisor } from "@otp/genserver";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";

import { KvBuckets } from "./application.ts";
import { buckets } from "./buckets.ts";
import { answer, nodeFor, parse } from "./command.ts";

const logger = pino({ level: "silent" });

/** Starts the application on nodes of a cluster in memory and gives a way to ask each of them. */
async function cluster(...names: readonly string[]) {
  const hub = memoryHub();
  const nodes: Node[] = [];
  for (const name of names) {
    const node = await Node.start({ name, cookie: "kv", transport: hub.transport(), logger });
    onTestFinished(() => node.stop());
    await Application.start(node, KvBuckets, { port: 0, host: "127.0.0.1", maxConnections: 1, nodes: names });
    nodes.push(node);
  }
  return nodes;
}

function ask(node: Node, line: string, nodes: readonly string[] = [node.name]): Promise<string> {
  return new Promise((resolve, reject) => {
    node.spawn(async (self: Process) => {
      await answer(self, line, nodes).then(resolve, reject);
    });
  });
}

describe("parse", () => {
  it("understands the commands, and nothing else", () => {
    expect(parse("CREATE shopping")).toEqual({ type: "create", bucket: "shopping" });
    expect(parse("  PUT  shopping milk 1 ")).toEqual({ type: "put", bucket: "shopping", key: "milk", value: "1" });
    expect(parse("GET shopping milk")).toEqual({ type: "get", bucket: "shopping", key: "milk" });
    expect(parse("DELETE shopping eggs")).toEqual({ type: "delete", bucket: "shopping", key: "eggs" });
    for (const line of ["", "UNKNOWN x y", "GET shopping", "CREATE", "CREATE a b", "PUT a b", "PUT a b c d", "get a b"])
      expect(parse(line)).toBeUndefined();
  });

  it("gives each node its part of the alphabet", () => {
    const nodes = ["one", "two"];
    expect(["apple", "Milk", "nut", "zoo", "0", "ü"].map((name) => nodeFor(name, nodes))).toEqual(
      "one one two two one two".split(" "),
    );
    expect(nodeFor("a", [])).toBeUndefined();
  });
});

describe("buckets", () => {
  it("keep values until they fail, each by itself", async () => {
    const [node] = await cluster("one@localhost");
    if (node === undefined) throw new Error("no node");
    expect(await ask(node, "GET shopping milk")).toBe("NOT FOUND");
    for (const line of ["CREATE shopping", "CREATE shopping", "CREATE other", "PUT shopping milk 1", "PUT other a b"])
      expect(await ask(node, line)).toBe("OK");
    expect(await ask(node, "GET shopping milk")).toBe("1\r\nOK");
    expect(await ask(node, "DELETE shopping milk")).toBe("OK");
    expect(await ask(node, "GET shopping milk")).toBe("\r\nOK");
    const [bucket] = Registry.lookup(node, buckets, "shopping");
    if (bucket === undefined) throw new Error("no bucket");
    node.sendExit(bucket.pid, "kill");
    expect(await ask(node, "GET shopping milk")).toBe("NOT FOUND");
    expect(await ask(node, "GET other a")).toBe("b\r\nOK");
    expect(await ask(node, "nonsense")).toBe("UNKNOWN COMMAND");
  });

  it("are shared by nodes, and unavailable where their node is gone", async () => {
    const names = ["one@localhost", "two@localhost"];
    const [one, two] = await cluster(...names);
    if (one === undefined || two === undefined) throw new Error("no nodes");
    expect(await ask(one, "CREATE zoo", names)).toBe("OK");
    expect(await ask(one, "PUT zoo cats 2", names)).toBe("OK");
    expect(await ask(two, "GET zoo cats", names)).toBe("2\r\nOK");
    expect(Registry.count(one, buckets)).toBe(0);
    expect(Registry.count(two, buckets)).toBe(1);
    await two.stop();
    expect(await ask(one, "GET zoo cats", names)).toBe("UNAVAILABLE two@localhost");
    expect(await ask(one, "CREATE apple", names)).toBe("OK");
  });

  it("are gone when the registry fails, and the tree is whole again", async () => {
    const [node] = await cluster("one@localhost");
    if (node === undefined) throw new Error("no node");
    await ask(node, "CREATE shopping");
    const registry = node.whereis(buckets);
    if (registry === undefined) throw new Error("no registry");
    node.sendExit(registry, "kill");
    await expect.poll(() => node.whereis("connections")).toBeDefined();
    await expect.poll(() => ask(node, "GET shopping milk").catch(String)).toBe("NOT FOUND");
    expect(await ask(node, "CREATE shopping")).toBe("OK");
    expect(Application.whichApplications(node)).toEqual(["kv-buckets"]);
    await Application.stop(node, KvBuckets);
    expect(await Supervisor.countChildren(node, "connections").catch(() => "gone")).toBe("gone");
  });
});
