/**
 * A live node and a peer with the cookie that sends it noise: terms that are nearly signals, and bytes that are nearly terms.
 *
 * Whatever comes, it may cost the peer its session, and the node nothing: no crash, no leak, no table that disagrees, and the
 * others are served as before. Ten seconds with every run, an hour with `OTP_LONG=1`; what it has ever found stands in `corpus`.
 */
import { memoryHub, Node, type Process, TIMEOUT } from "@otp/core";
import { ErlangCodec, ErlangSignals, IdentityTable, type Signal } from "@otp/core/transport";
import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";

import { inProcess, until } from "../support/clusters.ts";
import { isLong, patience } from "../support/fire.ts";
import { plain } from "../support/media.ts";
import { traitor } from "../support/traitor.ts";

const durationMs = Number(process.env["OTP_FUZZ_MS"] ?? (isLong ? 3_600_000 : 8_000));

/** Bytes that have once done harm, in hexadecimal. */
const corpus: readonly string[] = [];

/** What a peer may send to the node with that incarnation: signals that are well-formed and mean harm, and what is nearly that. */
function noiseFor(incarnation: number): fc.Arbitrary<Uint8Array> {
  const identities = new IdentityTable("traitor@host", 99);
  const codec = new ErlangCodec({ identities });
  const signals = new ErlangSignals({ identities });
  const victim = identities.get("victim@host", incarnation);
  const number = fc.nat(60);
  const own = number.map((n) => identities.own.pid(n));
  const theirs = number.map((n) => victim.pid(n));
  const pid = fc.oneof(
    theirs,
    own,
    number.map((n) => identities.get("friend@host", 3).pid(n)),
  );
  const ref = fc.oneof(
    number.map((n) => victim.ref(n)),
    number.map((n) => identities.own.ref(n)),
  );
  const name = fc.constantFrom("$net", "$global", "$pg", "$io", "$log", "user", "talker", "nobody");
  const leaf = fc.oneof(
    pid,
    ref,
    name,
    fc.constantFrom("normal", "kill", "noconnection"),
    fc.integer({ min: -1, max: 300 }),
    fc.double(),
    fc.string({ maxLength: 12 }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 20 }),
  );
  const keys = fc.constantFrom("type", "nodes", "node", "name", "ref", "from", "to", "names", "pid", "a", "reason");
  const { term } = fc.letrec<{ term: unknown }>((tie) => ({
    term: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie("term"), { maxLength: 6 }),
      fc.dictionary(keys, tie("term"), { maxKeys: 5 }),
    ),
  }));
  const id = fc.nat(10);
  const target = fc.oneof(theirs, name);
  const fn = fc.record({ name: fc.constantFrom("nothing/there", "toString"), bound: fc.array(term, { maxLength: 2 }) });
  const wishes = fc.record({
    link: fc.boolean(),
    monitor: fc.boolean(),
    reply: fc.constantFrom("yes", "no", "errorOnly", "successOnly"),
  });
  const signal: fc.Arbitrary<Signal> = fc.oneof(
    fc.record({ op: fc.constant("send"), from: pid, to: theirs, message: term }),
    fc.record({ op: fc.constant("sendName"), from: pid, to: name, message: term }),
    fc.record({ op: fc.constant("sendAlias"), from: pid, to: ref, message: term }),
    fc.record({ op: fc.constantFrom("link"), from: pid, to: theirs }),
    fc.record({ op: fc.constantFrom("unlink", "unlinkAck"), id, from: pid, to: theirs }),
    fc.record({ op: fc.constantFrom("linkExit", "exit"), from: pid, to: theirs, reason: term }),
    fc.record({ op: fc.constantFrom("monitor", "demonitor"), from: pid, to: target, ref }),
    fc.record({ op: fc.constant("down"), from: target, to: theirs, ref, reason: term }),
    fc.record({ op: fc.constant("groupLeader"), leader: pid, to: theirs }),
    fc.record({
      op: fc.constant("spawnReply"),
      ref,
      to: theirs,
      link: fc.boolean(),
      monitor: fc.boolean(),
      result: target,
    }),
    fc.record({
      op: fc.constant("spawnRequest"),
      ref,
      pid,
      from: pid,
      groupLeader: pid,
      fn,
      args: fc.array(term, { maxLength: 3 }),
      wishes,
    }),
  );
  const wellFormed = signal.map((each) => {
    const encoder = signals.createEncoder();
    encoder.append(each);
    return encoder.take(0);
  });
  const nearlySignal = fc
    .tuple(fc.integer({ min: 0, max: 40 }), fc.array(term, { maxLength: 6 }), term)
    .map(([op, rest, message]) => {
      const elements = [op, ...rest].map((element) => codec.encode(element).subarray(1));
      return Buffer.concat([Uint8Array.of(131, 104, elements.length), ...elements, codec.encode(message)]);
    });
  const torn = fc
    .tuple(fc.oneof(wellFormed, nearlySignal), fc.nat(), fc.nat(255), fc.boolean())
    .map(([bytes, at, value, isCut]) => {
      if (isCut) return bytes.subarray(0, at % (bytes.length + 1));
      const changed = Buffer.from(bytes);
      changed[at % changed.length] = value;
      return changed;
    });
  return fc.oneof(
    { weight: 100, arbitrary: wellFormed },
    { weight: 1, arbitrary: nearlySignal },
    { weight: 2, arbitrary: torn },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
}

describe("D3 a live node and a peer with the cookie that sends noise", patience, () => {
  it(
    "TR-7 JS-9 lives on, keeps its tables in order, and serves others",
    { timeout: durationMs + 120_000 },
    async () => {
      const hub = memoryHub();
      const logger = pino({ level: "silent" });
      const node = await Node.start({ ...plain, name: "victim@host", transport: hub.transport(), logger });
      const friend = await Node.start({ ...plain, name: "friend@host", transport: hub.transport(), logger });
      onTestFinished(async () => {
        await friend.stop();
        await node.stop();
      });
      await friend.connect(node.name);
      const noise = noiseFor(node.incarnation);
      const peer = await traitor(hub.transport(), node.name);
      for (const bytes of corpus) peer.send(Buffer.from(bytes, "hex"));
      const end = Date.now() + durationMs;
      let sent = 0;
      let known = 0;
      let seed = Date.now() % 1_000_000;
      const seeds: number[] = [];
      while (Date.now() < end) {
        seed += 1;
        seeds.push(seed);
        for (const bytes of fc.sample(noise, { numRuns: 200, seed })) {
          peer.send(bytes);
          sent += 1;
          // What makes no sense ends the session, and with it what was sent behind it: so a little at a time.
          if (sent % 10 === 0) await until(() => peer.isUp || peer.ends.length > known);
          known = peer.ends.length;
        }
        expect(node.check(), `the tables disagree after the noise of the seeds ${seeds.slice(-2).join(", ")}`).toEqual(
          [],
        );
        expect(
          await isServed(node, friend),
          `no answer after the noise of the seeds ${seeds.slice(-2).join(", ")}`,
        ).toBe(true);
      }
      const taken = node.counters()?.signalsReceived ?? 0;
      console.info(`${String(sent)} pieces: ${String(taken)} signals taken, ${String(peer.ends.length)} sessions lost`);
      expect(taken).toBeGreaterThan(1_000);
      expect(peer.ends.length).toBeGreaterThan(0);
      expect(friend.list()).toEqual([node.name]);
      expect(node.processes().length).toBeLessThan(50);
    },
  );
});

/** Whether a process of `node` answers another node. Who has the cookie may kill it, also while it is asked; then another is. */
async function isServed(node: Node, friend: Node): Promise<boolean> {
  for (;;) {
    const pid = node.whereis("talker") ?? node.spawn(echo);
    if (node.whereis("talker") === undefined) node.register("talker", pid);
    const answer = await inProcess(friend, async (self) => {
      const ref = self.monitor({ name: "talker", node: node.name });
      self.send({ name: "talker", node: node.name }, { type: "ask", from: self.pid });
      const first = await self.receive({ after: 20_000 });
      self.demonitor(ref, { flush: true });
      return first;
    });
    if (!isDown(answer)) return answer !== TIMEOUT;
  }
}

function isDown(message: unknown): boolean {
  return typeof message === "object" && message !== null && "type" in message && message.type === "DOWN";
}

async function echo(self: Process): Promise<void> {
  self.trapExit = true;
  for (;;) {
    const message = await self.receive();
    if (isAsk(message)) self.send(message.from, { type: "answer" });
  }
}

function isAsk(message: unknown): message is { readonly from: Process["pid"] } {
  if (typeof message !== "object" || message === null || !("from" in message) || !("type" in message)) return false;
  return message.type === "ask" && typeof message.from === "object";
}
