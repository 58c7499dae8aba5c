/** Three workers of FilterService, each with its program, whose owner is killed, frozen, cut off or asked to leave. */
import { startLocalServer } from "@otp/transport-nats/local-server";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { until } from "../support/clusters.ts";
import { type FaultProxy, startProxy } from "../support/fault-proxy.ts";
import { patience } from "../support/fire.ts";
import { type Client, settled, type Settings, startClient, startWorker, type Worker } from "../support/workers.ts";

const tickTimeMs = 2_000;
const names = ["one@host", "two@host", "three@host"];

describe("a singleton worker and its standbys", patience, () => {
  let server: Awaited<ReturnType<typeof startLocalServer>>;
  /** In front of the worker that sorts first, and so wins a conflict. */
  let proxy: FaultProxy;
  let workers: Worker[] = [];
  const settings = (name: string): Settings => ({
    servers: name === names[0] ? proxy.url : server.url,
    cluster: `takeover_${String(process.pid)}`,
    tickTimeMs,
  });

  beforeAll(async () => {
    server = await startLocalServer();
    proxy = await startProxy(server.port);
    workers = await Promise.all(names.map((name) => startWorker(name, settings(name))));
  }, 240_000);
  afterAll(async () => {
    for (const { os } of workers) await os.kill();
    await proxy.close();
    await server.stop();
  });

  /** A client that is served until `fault` has come and gone; what it has seen of it. */
  async function served(fault: (client: Client, owner: Worker) => Promise<void>): Promise<void> {
    await mend();
    const owner = await settled(workers);
    await using client = await startClient(settings(""));
    // What is waited for without end is told with what the workers have logged until then.
    const late = setTimeout(() => {
      console.error(workers.map(({ name, os }) => [name, ...os.lines.slice(-60)].join("\n")).join("\n\n"));
    }, patience.timeout / 2);
    onTestFinished(() => clearTimeout(late));
    await fault(client, owner);
    const before = client.answers();
    await until(() => client.answers() > before + 10);
    const { failures, longestMs } = await client.end();
    expect(failures).toEqual([]);
    console.info(`the longest wait for an answer was ${String(longestMs)} ms`);
  }

  /** Whatever an earlier test has left broken costs only that one. */
  async function mend(): Promise<void> {
    proxy.admit();
    for (const worker of workers) {
      worker.os.thaw();
      if ((await worker.get("/live")) !== undefined) continue;
      await worker.os.kill();
      await replace(worker);
    }
  }

  async function replace(worker: Worker): Promise<void> {
    const anew = await startWorker(worker.name, settings(worker.name));
    workers = workers.map((other) => (other === worker ? anew : other));
  }

  const takeovers = (worker: Worker): ReturnType<Worker["events"]> => worker.events("standby_takes_over");

  /** Why a worker has taken over once more. What it has logged may be read later than what it answers over HTTP. */
  async function reasonOf(worker: Worker, before: ReadonlyMap<Worker, number>): Promise<unknown> {
    await until(() => takeovers(worker).length > (before.get(worker) ?? 0));
    return takeovers(worker).at(-1)?.["reason"];
  }

  const counts = (): ReadonlyMap<Worker, number> =>
    new Map(workers.map((worker) => [worker, takeovers(worker).length]));

  const rest = (one: Worker): readonly Worker[] => workers.filter((worker) => worker !== one);

  it("tell over HTTP how they are", async () => {
    const owner = await settled(workers);
    for (const worker of workers) {
      expect(await worker.get("/live")).toMatchObject({ code: 200, body: { status: "live", node: worker.name } });
      expect(await worker.ready()).toMatchObject({ code: 200, owner: owner.name, nats: "up" });
      expect(await worker.get("/ready?verbose")).toMatchObject({ code: 200 });
      expect(await worker.get("/ready", "HEAD")).toEqual({ code: 200, body: null });
      expect(await worker.get("/")).toMatchObject({ code: 404 });
      expect(await worker.get("/live", "POST")).toMatchObject({ code: 405 });
    }
  });

  it("NODE-12 GLOBAL-2 takes over when the owner is killed, and is joined by its successor", async () => {
    await served(async (client, owner) => {
      const before = counts();
      await owner.os.kill();
      const next = await settled(rest(owner));
      expect(await reasonOf(next, before)).toBe("no connection");
      await replace(owner);
      const last = await settled(workers);
      await until(() => client.node.global.whereisName("FilterService")?.node === last.name);
    });
  });

  it("takes over at once when the owner is asked to leave", async () => {
    await served(async (_client, owner) => {
      const before = counts();
      owner.os.signal("SIGTERM");
      expect(await owner.os.exit()).toEqual({ code: 0, signal: null });
      const next = await settled(rest(owner));
      // The owner's own word: neither silence nor a lost connection had to be waited for.
      expect(await reasonOf(next, before)).toBe("shutdown");
      await replace(owner);
      await settled(workers);
    });
  });

  it("NODE-20 TR-3 takes over when the owner is frozen, and has one owner when that thaws", async () => {
    await served(async (_client, owner) => {
      const before = counts();
      owner.os.freeze();
      const next = await settled(rest(owner));
      expect(await reasonOf(next, before)).toBe("no connection");
      owner.os.thaw();
      const last = await settled(workers);
      expect([owner, next]).toContain(last);
      expectNoRestart();
    });
  });

  it("GLOBAL-5 TR-4 has an owner on each side of a cut, and one when it is mended", async () => {
    const conflicts = (): number => workers.flatMap((worker) => worker.events("standby_gives_way")).length;
    await served(async () => {
      // Not earlier, for a worker that was replaced has taken what it had logged along.
      const before = conflicts();
      const [cut] = workers;
      if (cut === undefined) throw new Error("no worker");
      proxy.refuse();
      // Alone it has the service for itself, and says that nobody can reach it.
      await until(async () => {
        const { code, role, nats, peers } = (await cut.ready()) ?? { peers: names };
        return code === 503 && role === "owner" && nats === "down" && peers.length === 0;
      });
      await settled(rest(cut));
      proxy.admit();
      await settled(workers);
      // What they have logged may be read later than what they answer over HTTP.
      await until(() => conflicts() > before);
      expectNoRestart();
    });
  });

  /** Whoever gives way goes back to standing by; its supervisor hears nothing. */
  function expectNoRestart(): void {
    for (const { os } of workers) expect(os.lines.filter((line) => line.includes('"level":50'))).toEqual([]);
  }
});
