/** Servers in a cluster: global names, and what cannot leave a node. */
import type { Node } from "@otp/core";
import { call, type From, GenServer, ok, reply, start, startLink, sys, whereis } from "@otp/genserver";
import { describe, expect, it, vi } from "vitest";

import { inProcess } from "../support/clusters.ts";
import { callFailure, startFailure } from "./behaviour.ts";
import { pair, Remote } from "./remote-server.ts";

describe("what cannot cross", () => {
  class Holder extends GenServer<() => void> {
    override init() {
      return ok(() => undefined);
    }
    override handleCall(_request: unknown, _from: From, state: () => void) {
      return reply(state, state);
    }
  }

  it("ends a server that replies with it, and says so to the caller", async () => {
    const [one, two] = await pair();
    const pid = await start(two, Holder);
    expect((await callFailure(call(one, pid, "give"))).reason).toMatchObject({ name: "CodecError" });
    expect(two.isProcessAlive(pid)).toBe(false);
  });

  it("does not end a server whose state it is", async () => {
    const [one, two] = await pair();
    const pid = await start(two, Holder);
    expect((await callFailure(sys.getState(one, pid))).reason).toMatchObject({ name: "CodecError" });
    expect(await sys.getState(two, pid)).toBeTypeOf("function");
  });
});

describe("a global name", () => {
  it("GS-7 is given once in the cluster, and GS-6 is free when the start fails", async () => {
    const [one, two] = await pair();
    class Refusing extends Remote {
      override init(): never {
        throw new Error("no");
      }
    }
    await startFailure(start(one, Refusing, undefined, { name: Remote.global }));
    expect([whereis(one, Remote.global), whereis(two, Remote.global)]).toEqual([undefined, undefined]);
    const outcomes = await Promise.allSettled([
      start(one, Remote, undefined, { name: Remote.global }),
      start(two, Remote, undefined, { name: Remote.global }),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const refused = outcomes.find(({ status }) => status === "rejected");
    expect(refused).toMatchObject({ reason: { reason: { type: "already_started" } } });
    expect(one.processes().length + two.processes().length).toBeGreaterThan(0);
  });

  it("is taken over by a standby when its node dies", async () => {
    const [one, two] = await pair();
    const standby = (node: Node): Promise<unknown> =>
      inProcess(node, (self) => startLink(self, Remote, undefined, { name: Remote.global }));
    const held = start(one, Remote, undefined, { name: Remote.global });
    await held;
    expect(await startFailure(standby(two))).toMatchObject({ type: "already_started" });
    await one.stop();
    await vi.waitFor(() => expect(whereis(two, Remote.global)).toBeUndefined());
    await start(two, Remote, undefined, { name: Remote.global });
    expect(await call(two, Remote.global, { type: "echo", value: 1 })).toBe(1);
  });
});
