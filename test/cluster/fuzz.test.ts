/**
 * A live node and those who mean it harm: a peer with the cookie whose signals are nearly signals, one that lies to the services
 * of the node, one whose frames are nearly frames, and somebody without the cookie who overhears, changes, repeats and invents datagrams.
 *
 * Whatever comes, it may cost its sender the session, and the node nothing: no crash, no leak, no table that disagrees, and the
 * others are served as before. Some seconds with every run, an hour with `OTP_LONG=1`. What ends a session in new words is
 * written down (`OTP_FUZZ_CORPUS`, a file) and stands in `corpus`, which every run begins with.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

import { type Node, TIMEOUT } from "@otp/core";
import { describe, expect, it } from "vitest";

import { health, type Health, keepsTalker } from "../fixtures/fuzz-functions.ts";
import { inProcess } from "../support/clusters.ts";
import { isLong, patience } from "../support/fire.ts";
import {
  type Attacker,
  badDatagrams,
  badFrames,
  badServices,
  badSignals,
  type Finding,
  type Victim,
} from "../support/harm.ts";
import { type MediumTitle, mediumOf, type Other, type Scene } from "../support/media.ts";

const durationMs = Number(process.env["OTP_FUZZ_MS"] ?? (isLong ? 3_600_000 : 4_000));
const corpusFile = process.env["OTP_FUZZ_CORPUS"];
const media: readonly MediumTitle[] = ["memory", "NATS between two processes"];
const reportEveryMs = 60_000;
const folder = new URL("corpus/", import.meta.url);

const corpus = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .flatMap((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as readonly Finding[]);

describe.each(media)("D3 a live node and those who mean it harm, over %s", patience, (title) => {
  const open = mediumOf(title);

  it("outlives each piece of the corpus", { timeout: 300_000 }, async () => {
    const { node, friend, attackers, look } = await ground(open());
    for (const { piece } of corpus) for (const attacker of attackers) await attacker.play(piece);
    expect(attackers.map(({ ends }) => ends > 0)).toEqual([true, true, true, false]);
    expect((await look()).wrong).toEqual([]);
    expect(await isServed(node, friend)).toBe(true);
  });

  it(
    "TR-7 JS-9 lives on, keeps its tables in order, and serves others",
    { timeout: durationMs + 300_000 },
    async () => {
      const { node, friend, attackers, look } = await ground(open());
      const end = Date.now() + durationMs;
      let seed = Date.now() % 1_000_000;
      let reportAt = Date.now() + Math.min(reportEveryMs, durationMs / 2);
      const heaps: number[] = [];
      while (Date.now() < end) {
        seed += 1;
        for (const attacker of attackers) await attacker.round(seed);
        const now = await look();
        expect(now.wrong, `the tables disagree after the noise of the seed ${String(seed)}`).toEqual([]);
        expect(await isServed(node, friend), `no answer after the noise of the seed ${String(seed)}`).toBe(true);
        if (Date.now() < reportAt) continue;
        reportAt = Date.now() + reportEveryMs;
        heaps.push(now.heap);
        console.info(`${title}: ${report(attackers, now)}`);
        if (corpusFile !== undefined) writeFileSync(corpusFile, JSON.stringify(findingsOf(attackers), null, 2));
      }
      const last = await look();
      console.info(`${title}: ${report(attackers, last)}`);
      expect(last.signals).toBeGreaterThan(100);
      for (const { ends, sent } of attackers.slice(0, 3)) expect(Math.min(ends, sent)).toBeGreaterThan(0);
      expect(friend.list()).toContain(node.name);
      expect(last.processes).toBeLessThan(80);
      // The first minutes fill caches; from then on nothing may grow.
      const [early = last.heap] = heaps.slice(Math.floor(heaps.length / 4));
      if (title !== "memory") expect(last.heap - early).toBeLessThan(48 * 1024 * 1024);
    },
  );
});

interface Battle {
  readonly node: Other;
  readonly friend: Node;
  readonly attackers: readonly Attacker[];
  look(): Promise<Health>;
}

async function ground(scene: Scene): Promise<Battle> {
  const node = await scene.far("victim@host");
  const { node: friend } = await scene.near("friend@host");
  await friend.connect(node.name);
  const look = (): Promise<Health> => asked(() => node.ask(health));
  const { incarnation } = await look();
  const victim: Victim = { name: node.name, incarnation };
  const frames = await badFrames(scene, victim);
  const attackers = [
    await badSignals(scene, victim),
    await badServices(scene, victim),
    frames,
    await badDatagrams(scene, victim),
  ];
  return { node, friend, attackers, look };
}

/** Asks again when the process that is asked was killed, as one with the cookie may do. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = 5; ; left -= 1) {
    const late = new Promise<undefined>((resolve) => {
      setTimeout(resolve, 30_000, undefined);
    });
    const answer = await Promise.race([ask().then((value) => ({ value })), late]);
    if (answer !== undefined) return answer.value;
    if (left === 0) throw new Error("the node does not answer any more");
  }
}

/** Whether a process of `node` answers another node. Who has the cookie may kill it, also while it is asked; then another is. */
async function isServed(node: Other, friend: Node): Promise<boolean> {
  for (;;) {
    await asked(() => node.ask(keepsTalker));
    const answer = await inProcess(friend, async (self) => {
      const ref = self.monitor({ name: "talker", node: node.name });
      self.send({ name: "talker", node: node.name }, { type: "ask", from: self.pid });
      const first = await self.receive({ after: 60_000 });
      self.demonitor(ref, { flush: true });
      return first;
    });
    if (!isDown(answer)) return answer !== TIMEOUT;
  }
}

function isDown(message: unknown): boolean {
  return typeof message === "object" && message !== null && "type" in message && message.type === "DOWN";
}

function report(attackers: readonly Attacker[], { signals, heap, rss, processes }: Health): string {
  const [traitor, liar, outlaw, stranger] = attackers.map(({ sent, ends }) => `${String(sent)} (${String(ends)} ends)`);
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  return `${traitor ?? ""} signals, ${liar ?? ""} to services, ${outlaw ?? ""} frames, ${stranger ?? ""} datagrams sent; ${String(signals)} signals taken, ${String(processes)} processes, heap ${mib(heap)} MiB, rss ${mib(rss)} MiB, ${String(findingsOf(attackers).length)} kinds of words`;
}

function findingsOf(attackers: readonly Attacker[]): readonly Finding[] {
  return attackers.flatMap(({ findings }) => [...findings.values()]);
}
