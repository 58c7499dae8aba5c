import { call, GenServer, multiCall, ok, reply, start, stop } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { inProcess, pair, until } from "../support/clusters.ts";

interface EchoProtocol {
  readonly call: { readonly type: "echo"; readonly value: string };
}

class Echo extends GenServer<null> {
  override init() {
    return ok(null);
  }

  override handleCall(request: unknown, _from: unknown, state: null) {
    return reply(`${this.self.node.name}: ${(request as EchoProtocol["call"]).value}`, state);
  }
}

const failureOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no failure",
    (error: unknown) => error,
  );

describe("servers on other nodes", () => {
  it("T-NODE-21 calls to a stopped node", async () => {
    const [one, two] = await pair();
    const server = await start(two, Echo, undefined, { name: { global: "g" } });
    await start(two, Echo, undefined, { name: "name" });
    const request = { type: "echo", value: "x" };
    const outcome = await inProcess(one, async (self) => {
      const pid = one.global.whereisName("g");
      if (pid === undefined) throw new Error("the global name is not known");
      const targets = [pid, { name: "name", node: two.name }, { global: "g" }] as const;
      const before: unknown[] = [];
      for (const target of targets) before.push(await call(self, target, request));
      await two.stop();
      await until(() => one.list().length === 0);
      const after: unknown[] = [];
      for (const target of targets) after.push(await failureOf(call(self, target, request)));
      return { before, after, stopped: await failureOf(stop(self, pid)) };
    });
    expect(outcome.before).toEqual(["two@host: x", "two@host: x", "two@host: x"]);
    expect(outcome.after).toMatchObject([
      { reason: { nodedown: two.name } },
      { reason: { nodedown: two.name } },
      { reason: "noproc" },
    ]);
    expect(outcome.stopped).toMatchObject({ reason: { nodedown: two.name } });
    expect(server).toBeDefined();
  });

  it("T-NODE-22 multi_call over nodes", async () => {
    const [one, two] = await pair();
    await start(one, Echo, undefined, { name: "mcx" });
    await start(two, Echo, undefined, { name: "mcx" });
    const nodes = [one.name, two.name, "nobody@host"];
    const result = await inProcess(one, (self) =>
      multiCall(self, { name: "mcx", nodes }, { type: "echo", value: "x" }),
    );
    expect(result.replies).toEqual([
      [one.name, "one@host: x"],
      [two.name, "two@host: x"],
    ]);
    expect(result.badNodes).toEqual(["nobody@host"]);
  });

  it("GLOBAL-4 a server started under a global name that another node holds is refused, and takes over when it is free", async () => {
    const [one, two] = await pair();
    const first = await start(one, Echo, undefined, { name: { global: "only" } });
    await expect(start(two, Echo, undefined, { name: { global: "only" } })).rejects.toMatchObject({
      reason: { type: "already_started" },
    });
    await stop(one, first);
    await until(() => two.global.whereisName("only") === undefined);
    await start(two, Echo, undefined, { name: { global: "only" } });
    expect(await call(one, { global: "only" }, { type: "echo", value: "y" })).toBe("two@host: y");
  });
});
