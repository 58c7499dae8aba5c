import { TransportError } from "@otp/core";
import { nats } from "@otp/transport-nats";
import { startLocalServer } from "@otp/transport-nats/local-server";
/** Node names over NATS: one live node per name and cluster. */
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { startProxy } from "../support/fault-proxy.ts";
import { bytesOf, natsWorld, openNats, patience, recorder, strangerAt } from "../support/nats-nodes.ts";
import { osNode } from "../support/os-node.ts";

const { open, url } = natsWorld();
const program = new URL("../fixtures/nats-holder.ts", import.meta.url);

describe("NODE-19: a second node with a name in use", () => {
  it("is refused, and the first goes on undisturbed", async () => {
    const first = await open("a@host");
    const second = open("a@host");
    await expect(second).rejects.toThrow(TransportError);
    await expect(second).rejects.toThrow(
      /The node name a@host is already in use in this cluster: a live node answered/,
    );
    const peer = await open("b");
    peer.transport.send("a@host", bytesOf("x"));
    await vi.waitFor(() => expect(first.seen.datagrams).toEqual([["b", "x"]]), patience);
    expect(first.seen.closed).toEqual([]);
  });

  it("is welcome in another cluster, and when the first has closed", async () => {
    const first = await open("a");
    await open("a", { cluster: "other" });
    await first.transport.close();
    await open("a");
  });

  it("is refused when both start at once: one of five wins", async () => {
    for (let round = 0; round < 5; round += 1) {
      const nodes = Array.from({ length: 5 }, () => nats({ servers: url(), cluster: `round ${round}` }));
      const outcomes = await Promise.allSettled(
        nodes.map((node) => node.open({ name: "a", creation: 1, hidden: false }, recorder().events)),
      );
      expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
      await Promise.all(nodes.map((node) => node.close()));
    }
  });

  it("gets it at once after the first was killed", async () => {
    await using first = osNode(program, { args: [url(), "killed"] });
    await first.line("open");
    await expect(open("killed")).rejects.toThrow(/already in use/);
    await first.kill();
    await open("killed");
  });

  it("is refused while the first is frozen", async () => {
    await using first = osNode(program, { args: [url(), "frozen"] });
    await first.line("open");
    first.freeze();
    await expect(open("frozen")).rejects.toThrow(/listens under it and does not answer; it is frozen/);
    first.thaw();
    const peer = await open("b");
    peer.transport.send("frozen", bytesOf("hello"));
    await first.line("b: hello");
  });
});

describe("NODE-19: a program that listens to everything", () => {
  it("does not keep a node from its name", async () => {
    await using server = await startLocalServer();
    (await strangerAt(server.url)).subscribe(">", { callback: () => undefined });
    await openNats("a", { servers: server.url });
  });

  it("is told from an owner only where the server may be asked", async () => {
    await using server = await startLocalServer({
      config:
        'authorization { users: [{ user: u, password: p, permissions: { publish: "otp.>", subscribe: "otp.>" } }] }',
    });
    const login = { servers: server.url, user: "u", password: "p" };
    const first = await openNats("a", login);
    first.transport.probe("b");
    await vi.waitFor(() => expect(first.seen.unreachable).toEqual(["b"]), patience);
    const { connect } = await import("nats");
    const spy = await connect({ servers: server.url, user: "u", pass: "p" });
    spy.subscribe("otp.>", { callback: () => undefined });
    await spy.flush();
    await expect(openNats("b", login)).rejects.toThrow(/a program that subscribes to all subjects looks the same/);
    await spy.close();
  });
});

describe("NODE-19: a stranger", () => {
  /** Answers every claim of `name` with "it is mine", as nobody but its owner should. */
  async function usurper(name: string): Promise<{ answers: number; witnesses: number }> {
    const other = await strangerAt(url());
    const said = { answers: 0, witnesses: 0 };
    other.subscribe(`otp.otp.to.${name}.from.>`, {
      callback: (_error, { data, subject }) => {
        if (subject.includes(".from.==")) said.witnesses += 1;
        if (data.length !== 18) return;
        said.answers += 1;
        other.publish(subject, Uint8Array.of(1, ...data.subarray(1)));
      },
    });
    await other.flush();
    return said;
  }

  it("can neither keep a node from its name nor take it away", async () => {
    const said = await usurper("u");
    const { seen } = await open("u");
    // One answer to the claim at the start, one to the claim that makes sure.
    await vi.waitFor(() => expect(said.answers).toBeGreaterThanOrEqual(2), patience);
    const peer = await open("b");
    peer.transport.send("u", bytesOf("x"));
    await vi.waitFor(() => expect(seen.datagrams).toEqual([["b", "x"]]), patience);
    expect(await peer.transport.discover()).toEqual(expect.arrayContaining(["u"]));
    expect(seen.closed).toEqual([]);
  });

  it("takes it from nobody whose server is slow to answer, either", async () => {
    const said = await usurper("slow");
    const proxy = await startProxy(Number(new URL(url()).port));
    onTestFinished(() => proxy.close());
    const { seen } = await openNats("slow", { servers: proxy.url });
    const { answers, witnesses } = said;
    // What the server says comes later than a node that starts would wait for it.
    proxy.shape({ delayMs: 400 });
    await vi.waitFor(() => expect(said.answers).toBeGreaterThan(answers), patience);
    await vi.waitFor(() => expect(said.witnesses).toBeGreaterThan(witnesses + 1), patience);
    const peer = await open("b");
    peer.transport.send("slow", bytesOf("x"));
    await vi.waitFor(() => expect(seen.datagrams).toEqual([["b", "x"]]), patience);
    expect(seen.closed).toEqual([]);
  });
});

describe("NODE-19: a node that was cut off", () => {
  it("loses its name for good to one that took it meanwhile", async () => {
    await using old = await startLocalServer();
    const cut = await openNats("a", {
      servers: [old.url, url()],
      options: { noRandomize: true, ignoreClusterUpdates: true },
    });
    const taker = await open("a");
    await old.kill();
    await vi.waitFor(() => expect(cut.seen.closed).toHaveLength(1), patience);
    expect(String(cut.seen.closed[0])).toMatch(/already in use in this cluster: another node took it/);
    expect(cut.seen.status).toEqual(["down", "up"]);
    expect(taker.seen.closed).toEqual([]);
  });
});
