import { type Process, remote, RemoteExceptionError, UndefError } from "@otp/core";
import { describe, expect, it } from "vitest";

import { cluster, inProcess } from "../support/clusters.ts";

const tell = async (self: Process, to: Process["pid"], text: string): Promise<void> => {
  self.send(to, { text, node: self.node.name });
};

describe("code that travels as source text", () => {
  it("JS-13 runs on a node that trusts its peers' code, with what was bound to it", async () => {
    const { start } = await cluster();
    const { node: one } = await start("one@host");
    await start("two@host", { trustRemoteCode: true });
    await one.connect("two@host");
    const heard = await inProcess(one, async (self) => {
      self.spawnLink({ node: "two@host" }, remote.source(tell), self.pid, "hello");
      return self.receive();
    });
    expect(heard).toEqual({ text: "hello", node: "two@host" });
    const above = remote.source((item: number) => item > 4, { source: "(limit, item) => item > limit", bound: [6] });
    expect(await one.rpc.call("two@host", above, [5])).toBe(false);
    expect(await one.rpc.call("two@host", above, [7])).toBe(true);
  });

  it("JS-13 is undefined on every other node, and says why", async () => {
    const { start } = await cluster();
    const { node: one } = await start("one@host");
    await start("two@host");
    await one.connect("two@host");
    const reason = await inProcess(one, async (self) => {
      const { ref } = self.spawnMonitor({ node: "two@host" }, remote.source(tell.bind(null)), self.pid, "hello");
      return self.receive({ ref });
    }).catch((error: unknown) => error);
    expect(reason).toMatchObject({ name: "ArgumentError" });
    const down = await inProcess(one, async (self) => {
      const fn = remote.source(async (other: Process) => other.exit("never"));
      const { ref } = self.spawnMonitor({ node: "two@host" }, fn);
      return self.receive({ ref });
    });
    expect(down).toMatchObject({ type: "DOWN", reason: { name: "UndefError" } });
    expect(String(Reflect.get(down, "reason"))).toMatch(/this node runs none\. Start the node with trustRemoteCode/u);
  });

  it("JS-13 what cannot be compiled is undefined; a reader of its own may refuse", async () => {
    const { start } = await cluster();
    const { node: one } = await start("one@host");
    await start("two@host", { trustRemoteCode: true });
    const { node: three } = await start("three@host", {
      trustRemoteCode: (source) => {
        throw new UndefError(`not ${source}`);
      },
    });
    await one.connect("two@host");
    await one.connect(three.name);
    const call = (node: string, source: string): Promise<unknown> =>
      one.rpc
        .call(
          node,
          remote.source(() => 1, { source }),
          [],
        )
        .catch((error: unknown) => error);
    for (const source of ["(", "1 + 1", "let x"]) {
      const failure = await call("two@host", source);
      expect(failure).toBeInstanceOf(RemoteExceptionError);
      expect(String(Reflect.get(Object(failure), "error"))).toMatch(
        /UndefError: function \w+ is undefined: its source/u,
      );
    }
    expect(String(Reflect.get(Object(await call("three@host", "x")), "error"))).toContain("not x");
    await expect(start("four@host", { trustRemoteCode: JSON.parse('"yes"') })).rejects.toThrow(/trustRemoteCode/u);
  });
});
