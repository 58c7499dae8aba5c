import { isDeepStrictEqual } from "node:util";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { CodecError } from "../base/errors.ts";
import { wholeOf } from "../codec/held.ts";
import type { Signal } from "../signal/signal.ts";
import { IdentityTable } from "../term/identity.ts";
import { Reassembly } from "./fragments.ts";
import { ErlangSignals } from "./frame.ts";
import { Outbox } from "./outbox.ts";
import { packetKind } from "./packet.ts";

const here = new IdentityTable("a@x", 1);
const there = here.get("b@x", 2);
const codec = new ErlangSignals({ identities: here });
const limits = { packetMax: 1_000, signalMax: 50_000 };
const to = there.pid(1);

const send = (from: number, message: unknown): Signal => ({ op: "send", from: here.own.pid(from), to, message });
const down = (n: number): Signal => ({ op: "down", from: "name", to, ref: here.own.ref(1), reason: n });
const leader = (): Signal => ({ op: "groupLeader", leader: here.own.pid(99), to });

/** Takes packets until there are no more and returns the signals in the order in which they would be delivered. */
function drain(outbox: Outbox, pieceSize = 300, most = Infinity): Signal[] {
  const reassembly = new Reassembly(limits.signalMax);
  const signals: Signal[] = [];
  for (let i = 0; i < most; i += 1) {
    const content = outbox.next(pieceSize);
    if (content === undefined) break;
    expect(content.body.length).toBeLessThanOrEqual(limits.packetMax);
    const { fragment, body, kind } = content;
    const whole = fragment === undefined ? wholeOf(body) : reassembly.add(fragment, body);
    if (whole === "bad") throw new Error("a fragment fits nowhere");
    if (kind === packetKind.batch || whole !== undefined)
      codec.decode(whole?.bytes ?? body, (signal) => signals.push(signal) > 0, whole?.held);
  }
  return signals;
}

const label = (signal: Signal): string => {
  if (signal.op === "send") return String(signal.message).slice(0, 6);
  return signal.op === "down" ? `down ${String(signal.reason)}` : signal.op;
};

describe("an outbox", () => {
  it("keeps the signals of each sender in order, whatever their sizes (SIG-1)", () => {
    const each = fc.record({
      from: fc.integer({ min: 1, max: 2 }),
      size: fc.oneof(fc.nat({ max: 100 }), fc.integer({ min: 400, max: 1_200 }), fc.nat({ max: 10_000 })),
      take: fc.nat({ max: 1 }),
    });
    fc.assert(
      fc.property(
        fc.array(each, { maxLength: 80, size: "max" }),
        fc.integer({ min: 50, max: 2_000 }),
        (script, pieceSize) => {
          const outbox = new Outbox(codec, limits);
          const reassembled: Signal[] = [];
          const reassembly = new Reassembly(limits.signalMax);
          const take = (): boolean => {
            const content = outbox.next(pieceSize);
            if (content === undefined) return false;
            const whole =
              content.fragment === undefined ? wholeOf(content.body) : reassembly.add(content.fragment, content.body);
            if (whole === "bad") throw new Error("a fragment fits nowhere");
            if (whole !== undefined) codec.decode(whole.bytes, (signal) => reassembled.push(signal) > 0, whole.held);
            return true;
          };
          script.forEach(({ from, size, take: times }, n) => {
            outbox.append(send(from, { n, padding: "x".repeat(size) }));
            for (let i = 0; i < times; i += 1) take();
          });
          while (take());
          expect(outbox.size).toBe(0);
          expect(reassembled).toHaveLength(script.length);
          const last = new Map<unknown, number>();
          for (const signal of reassembled) {
            if (signal.op !== "send" || typeof signal.message !== "object" || signal.message === null) continue;
            const n = "n" in signal.message ? Number(signal.message.n) : -1;
            expect(n).toBeGreaterThan(last.get(signal.from) ?? -1);
            last.set(signal.from, n);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("has large binaries where they belong, whatever waits before and behind them", () => {
    const large = { packetMax: 64 * 1024, signalMax: 4_000_000 };
    const outbox = new Outbox(codec, large);
    const bytes = (n: number): Uint8Array => new Uint8Array(300_000 + n).fill(n);
    const messages = ["before", { a: bytes(1), b: [bytes(2)] }, "between", bytes(3), "behind"];
    for (const message of messages) outbox.append(send(1, message));
    const reassembly = new Reassembly(large.signalMax);
    const read: unknown[] = [];
    for (let content = outbox.next(60_000); content !== undefined; content = outbox.next(60_000)) {
      const { fragment, body } = content;
      const whole = fragment === undefined ? wholeOf(body) : reassembly.add(fragment, body);
      if (whole === "bad") throw new Error("a fragment fits nowhere");
      if (whole === undefined) continue;
      codec.decode(whole.bytes, (signal) => read.push("message" in signal && signal.message) > 0, whole.held);
    }
    expect(isDeepStrictEqual(read, messages)).toBe(true);
    expect([outbox.size, outbox.largest]).toEqual([0, 0]);
  });

  it("lets others go past a large signal, but not its own sender (81)", () => {
    const outbox = new Outbox(codec, limits);
    outbox.append(send(1, "big".padEnd(20_000, "-")));
    outbox.append(send(1, "behind"));
    for (let i = 0; i < 20; i += 1) outbox.append(send(2, `past${i}`));
    const order = drain(outbox).map(label);
    expect(order.slice(-2)).toEqual(["big---", "behind"]);
    expect(order).toHaveLength(22);
  });

  it("lets a large signal go on while small ones keep coming", () => {
    const outbox = new Outbox(codec, limits);
    outbox.append(send(1, "big".padEnd(20_000, "-")));
    let turns = 0;
    for (; outbox.largest > 0; turns += 1) {
      outbox.append(send(2, "small"));
      outbox.next(1_000);
    }
    expect(turns).toBeLessThan(50);
  });

  it("lets no down of a name overtake what any process has sent, and nobody waits for it (SIG-7)", () => {
    const outbox = new Outbox(codec, limits);
    outbox.append(send(1, "big-1".padEnd(5_000, "-")));
    outbox.append(send(2, "big-2".padEnd(9_000, "-")));
    outbox.append(down(7));
    outbox.append(send(1, "after1"));
    outbox.append(send(3, "past"));
    expect(drain(outbox).map(label)).toEqual(["past", "big-1-", "after1", "big-2-", "down 7"]);
  });

  it("lets nothing overtake a change of group leader, or be overtaken by it (SIG-14)", () => {
    const outbox = new Outbox(codec, limits);
    outbox.append(send(1, "big-1".padEnd(5_000, "-")));
    outbox.append(down(1));
    outbox.append(send(2, "past"));
    outbox.append(leader());
    outbox.append(send(3, "after3"));
    outbox.append(send(1, "big-2".padEnd(5_000, "-")));
    outbox.append(leader());
    outbox.append(down(2));
    outbox.append(send(1, "after1"));
    expect(drain(outbox).map(label)).toEqual([
      "past",
      "big-1-",
      "down 1",
      "groupLeader",
      "after3",
      "big-2-",
      "groupLeader",
      "down 2",
      "after1",
    ]);
  });

  it("gives no fragments when there is no room for them", () => {
    const outbox = new Outbox(codec, limits);
    outbox.append(send(1, "big".padEnd(5_000, "-")));
    outbox.append(send(2, "small"));
    expect(outbox.next(undefined)?.kind).toBe(packetKind.batch);
    expect(outbox.next(undefined)).toBeUndefined();
    expect(outbox.next(100)?.kind).toBe(packetKind.fragment);
  });

  it("is unchanged by what cannot be sent (TR-7)", () => {
    const outbox = new Outbox(codec, limits);
    outbox.append(send(1, "one"));
    const { size } = outbox;
    expect(() => outbox.append(send(1, { deep: [() => 1] }))).toThrow(/message\.deep\[0\]/u);
    expect(() => outbox.append(send(1, "x".repeat(60_000)))).toThrow(CodecError);
    expect(outbox.size).toBe(size);
    outbox.append(send(1, "two"));
    expect(drain(outbox).map(label)).toEqual(["one", "two"]);
  });
});
