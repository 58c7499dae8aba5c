import { CodecError, type Process, TIMEOUT } from "@otp/core";
import { describe, expect, it } from "vitest";

import { echoes, echoesTrapping, keepsMail, pesters, queueLength, quits } from "../fixtures/peer-functions.ts";
import { inProcess, until } from "../support/clusters.ts";
import { patience } from "../support/fire.ts";
import { faulty } from "../support/faulty-transport.ts";
import { mediumOf, overNats } from "../support/media.ts";

describe.each(overNats)("the transport over %s", patience, (title) => {
  const scene = mediumOf(title);

  it("T-TR-01 TR-2 every frame twice: each message once and in order, one EXIT, one DOWN", async () => {
    const { near, far, transport } = scene();
    const twice = faulty(transport(), (_datagram, deliver) => {
      deliver();
      deliver();
    });
    const [{ node: a }, n] = [await near("a@host", { transport: twice }), await far("n@host")];
    await inProcess(a, async (self) => {
      self.trapExit = true;
      const echo = self.spawn({ node: n.name }, echoes, self.pid);
      for (let i = 0; i < 1_000; i += 1) self.send(echo, i);
      for (let i = 0; i < 1_000; i += 1) expect(await self.receive()).toEqual({ type: "echo", got: i });
      const pid = self.spawnLink({ node: n.name }, quits, "done");
      const ref = self.monitor(pid);
      const told = [await self.receive(), await self.receive()];
      expect(told).toEqual(
        expect.arrayContaining([
          { type: "EXIT", from: pid, reason: "done" },
          { type: "DOWN", ref, object: pid, reason: expect.stringMatching(/^(done|noproc)$/u) },
        ]),
      );
      expect(await self.receive({ after: 300 })).toBe(TIMEOUT);
    });
    expect(a.check()).toEqual([]);
  });

  it("TR-1 TR-2 half of the frames lost, some doubled, some late: still each message once and in order", async () => {
    const { near, far, transport } = scene();
    let seed = 1;
    const chance = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % 100;
    };
    const worn = faulty(transport(), (_datagram, deliver) => {
      const drawn = chance();
      if (drawn < 50) return;
      deliver();
      if (drawn > 90) deliver();
      if (drawn > 95) setTimeout(deliver, drawn % 7);
    });
    const [{ node: a, logs }, n] = [await near("a@host", { transport: worn }), await far("n@host")];
    await inProcess(a, async (self) => {
      const echo = self.spawn({ node: n.name }, echoes, self.pid);
      for (let i = 0; i < 2_000; i += 1) {
        self.send(echo, i);
        if (i % 100 === 0) await self.sleep(1);
      }
      for (let i = 0; i < 2_000; i += 1) expect(await self.receive()).toEqual({ type: "echo", got: i });
      expect(await self.receive({ after: 50 })).toBe(TIMEOUT);
    });
    expect(logs.filter(({ event }) => event === "nodedown")).toEqual([]);
  });

  it("T-TR-02 TR-3 TR-4 silence longer than the tick time is a loss on both sides; then a new epoch, without the old links", async () => {
    const { near, far, transport } = scene();
    const tickTimeMs = 500;
    let isCut = false;
    const late: (() => void)[] = [];
    // Both ways: what arrives is held back, and what this node does not hear of it cannot acknowledge.
    const inner = transport();
    const cut = faulty(inner, (_datagram, deliver) => {
      if (isCut) late.push(deliver);
      else deliver();
    });
    const muted = new Proxy(cut, {
      get: (of, name) => (name === "send" && isCut ? () => undefined : Reflect.get(of, name)),
    });
    const { node: a } = await near("a@host", { transport: muted, tickTimeMs });
    const n = await far("n@host", { tickTimeMs });
    await inProcess(a, async (self) => {
      self.trapExit = true;
      self.monitorNodes(true);
      const pid = self.spawnLink({ node: n.name }, echoesTrapping, self.pid);
      const ref = self.monitor(pid);
      await self.receive({ type: "ready" });
      await self.receive({ type: "nodeup" });
      isCut = true;
      const told = [await self.receive(), await self.receive(), await self.receive()];
      expect(told).toEqual(
        expect.arrayContaining([
          { type: "EXIT", from: pid, reason: "noconnection" },
          { type: "DOWN", ref, object: pid, reason: "noconnection" },
        ]),
      );
      expect(told[2]).toMatchObject({ type: "nodedown", info: { reason: "tick_timeout" } });
      await until(async () => (await n.logs()).some(({ event, peer }) => event === "nodedown" && peer === a.name));
      isCut = false;
      expect(await a.connect(n.name)).toBe(true);
      // What the old epoch still had under way arrives now, and is refused.
      for (const deliver of late) deliver();
      expect(await self.receive()).toMatchObject({ type: "nodeup" });
      self.send(pid, "are you there?");
      const first = await self.receive();
      expect(first).toEqual({ type: "echo", got: { type: "EXIT", from: self.pid, reason: "noconnection" } });
      expect(await self.receive()).toEqual({ type: "echo", got: "are you there?" });
      self.unlink(pid);
      self.sendExit(pid, "kill");
      expect(await self.receive({ after: 300 })).toBe(TIMEOUT);
    });
    expect(a.check()).toEqual([]);
  });

  it("T-TR-03 TR-6 a node with another cookie is refused before any of its signals is handled, and nothing tells the cookie", async () => {
    const { near, far, transport } = scene();
    const seen: Uint8Array[] = [];
    const watched = faulty(transport(), ({ bytes }, deliver) => {
      seen.push(bytes);
      deliver();
    });
    const { node: a, logs } = await near("a@host", { transport: watched });
    const stranger = await far("stranger@host", { cookie: "guessed cookie" });
    await inProcess(a, (self) => keepsMail(self, "box"));
    const before = a.processes().length;
    expect(await stranger.ask(pesters, a.name, "box")).toBe(false);
    await inProcess(a, async (self) => expect(await queueLength(self, "box")).toBe(0));
    await until(() => a.processes().length === before);
    expect(a.list("connected")).toEqual([]);
    expect(logs.filter(({ level }) => level >= 50)).toMatchObject([{ event: "connection_rejected" }]);
    const bytes = Buffer.concat(seen);
    expect(seen.length).toBeGreaterThan(0);
    for (const secret of ["test cookie", "guessed cookie"]) {
      for (const encoding of ["utf8", "base64", "hex"] as const) {
        expect(bytes.includes(Buffer.from(secret).toString(encoding).replace(/=+$/u, ""))).toBe(false);
      }
    }
  });

  it("T-TR-04 TR-7 a term that cannot cross makes the call fail at the sender and nothing else", async () => {
    const { near, far } = scene();
    const [{ node: a }, n] = [await near("a@host"), await far("n@host")];
    await inProcess(a, async (self: Process) => {
      const echo = self.spawn({ node: n.name }, echoes, self.pid);
      self.send(echo, "first");
      await self.receive({ type: "echo" });
      expect(() => self.send(echo, { deep: [() => undefined] })).toThrow(CodecError);
      await expect(self.sendAwait(echo, { deep: [Symbol("x")] })).rejects.toThrow(CodecError);
      self.send(echo, "second");
      expect(await self.receive()).toEqual({ type: "echo", got: "second" });
    });
    expect(a.list()).toEqual([n.name]);
  });
});
