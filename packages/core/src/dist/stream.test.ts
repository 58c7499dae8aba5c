import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Ack, type Content, packetKind } from "./packet.ts";
import { ReceiveWindow, SendWindow } from "./stream.ts";

const content = (n: number, size = 10): Content => {
  const body = new Uint8Array(Math.max(4, size));
  new DataView(body.buffer).setUint32(0, n);
  return { kind: packetKind.batch, fragment: undefined, body };
};
const numberOf = ({ body }: Content): number => new DataView(body.buffer, body.byteOffset).getUint32(0);

/** Both halves with a medium between them in which each frame is one entry. */
class Pair {
  readonly out = new SendWindow();
  readonly in = new ReceiveWindow();
  readonly received: number[] = [];
  readonly wire: { frame: number; sequence: number; content: Content }[] = [];
  now = 0;
  #frame = 0;
  #highest = -1;

  send(n: number): void {
    const sequence = this.out.admit(content(n), this.#frame, this.now);
    this.wire.push({ frame: this.#frame, sequence, content: content(n) });
    this.#frame += 1;
  }

  resend(): void {
    for (let lost = this.out.nextLost(); lost !== undefined; lost = this.out.nextLost()) {
      this.wire.push({ frame: this.#frame, sequence: lost.sequence, content: lost.content });
      this.out.resent(lost, this.#frame, this.now);
      this.#frame += 1;
    }
  }

  arrive(at: number): void {
    const [got] = this.wire.splice(at, 1);
    if (got === undefined) return;
    this.#highest = Math.max(this.#highest, got.frame);
    if (this.in.accept(got.sequence, got.content) !== "next") return;
    let next: Content | undefined = got.content;
    for (; next !== undefined; next = this.in.follow()) this.received.push(numberOf(next));
  }

  ack(): void {
    const ack: Ack = { next: this.in.next, frame: this.#highest, delayMs: 0, slackMs: 0, ranges: this.in.ranges };
    if (this.#highest >= 0) expect(this.out.acknowledge(ack, 0, this.now)).toBe(true);
  }
}

type Step =
  | { readonly do: "send" | "ack" | "expire" }
  | { readonly do: "lose" | "arrive" | "double"; readonly at: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom("send" as const, "send" as const, "ack" as const, "expire" as const) }),
  fc.record({
    do: fc.constantFrom("lose" as const, "arrive" as const, "arrive" as const, "double" as const),
    at: fc.nat(),
  }),
);

describe("D1 a stream", () => {
  it("delivers everything once and in order, whatever frames are lost, doubled or late (TR-1, TR-2)", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: "max" }), (script) => {
        const pair = new Pair();
        let sent = 0;
        for (const each of script) {
          pair.now += 1;
          if (each.do === "send") pair.send(sent++);
          else if (each.do === "ack") pair.ack();
          else if (each.do === "expire") pair.out.expire();
          else if ("at" in each && pair.wire.length > 0) {
            const at = each.at % pair.wire.length;
            const frame = pair.wire[at];
            if (each.do === "double" && frame !== undefined) pair.wire.push(frame);
            if (each.do === "lose") pair.wire.splice(at, 1);
            else pair.arrive(at);
          }
          pair.resend();
          expect(pair.received).toEqual(Array.from({ length: pair.received.length }, (_, i) => i));
        }
        for (let round = 0; round < 30 && !pair.out.isSettled; round += 1) {
          pair.now += 1_000;
          pair.out.expire();
          pair.resend();
          while (pair.wire.length > 0) pair.arrive(0);
          pair.ack();
        }
        expect(pair.received).toHaveLength(sent);
        expect(pair.out.isSettled).toBe(true);
        expect(pair.out.held).toBe(0);
      }),
    );
  });

  it("sends again, without waiting, what later frames have overtaken", () => {
    const pair = new Pair();
    for (let i = 0; i < 6; i += 1) pair.send(i);
    pair.wire.splice(1, 1);
    while (pair.wire.length > 0) pair.arrive(0);
    pair.ack();
    pair.resend();
    expect(pair.wire.map(({ sequence }) => sequence)).toEqual([1]);
    pair.arrive(0);
    expect(pair.received).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("takes a lost second sending for lost, too", () => {
    const pair = new Pair();
    for (let i = 0; i < 6; i += 1) pair.send(i);
    pair.wire.splice(1, 1);
    while (pair.wire.length > 0) pair.arrive(0);
    pair.ack();
    pair.resend();
    pair.wire.length = 0;
    for (let i = 6; i < 10; i += 1) pair.send(i);
    while (pair.wire.length > 0) pair.arrive(0);
    pair.ack();
    pair.resend();
    expect(pair.wire.map(({ sequence }) => sequence)).toEqual([1]);
  });

  it("waits longer each time no acknowledgement comes, up to a limit, and not at all once it is settled", () => {
    const pair = new Pair();
    expect(pair.out.deadline(2_000)).toBe(Infinity);
    pair.send(0);
    const waits: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      waits.push(pair.out.deadline(2_000) - pair.now);
      pair.now = pair.out.deadline(2_000);
      pair.out.expire();
      pair.resend();
    }
    expect(waits).toEqual([500, 1_000, 2_000, 2_000, 2_000, 2_000]);
    pair.arrive(0);
    pair.ack();
    expect(pair.out.deadline(2_000)).toBe(Infinity);
  });

  it("learns that the way has become longer than its patience, from answers to what it has sent again since", () => {
    const out = new SendWindow();
    for (let i = 0; i < 20; i += 1) out.pace.sample(2, 0, i * 2);
    const patience = 250;
    out.admit(content(0), 0, 0);
    let frame = 0;
    for (let now = out.deadline(patience); now < 1_000; now = out.deadline(patience)) {
      out.expire();
      const lost = out.nextLost();
      if (lost === undefined) throw new Error("nothing was lost");
      frame += 1;
      out.resent(lost, frame, now);
    }
    expect(frame).toBeGreaterThan(1);
    // The answer to the very first sending.
    out.acknowledge({ next: 1, frame: 0, delayMs: 0, slackMs: 0, ranges: [] }, 0, 1_000);
    out.admit(content(1), frame + 1, 1_000);
    expect(out.deadline(patience)).toBeGreaterThan(1_900);
  });

  it("lets a bounded amount be under way, large packets less than small ones", () => {
    const { out } = new Pair();
    let sequence = 0;
    for (; out.hasRoom("large"); sequence += 1) out.admit(content(sequence, 16_384), sequence, 0);
    const large = out.held;
    for (; out.hasRoom("small"); sequence += 1) out.admit(content(sequence, 16_384), sequence, 0);
    expect(large).toBeLessThan(out.held);
    expect(out.held).toBeLessThan(600 * 1024);
  });

  it("does not believe acknowledgements of what was never sent", () => {
    const { out } = new Pair();
    out.admit(content(0), 0, 0);
    expect(out.acknowledge({ next: 2, frame: 0, delayMs: 0, slackMs: 0, ranges: [] }, 0, 1)).toBe(false);
    expect(
      out.acknowledge({ next: 0, frame: 0, delayMs: 0, slackMs: 0, ranges: [{ start: 1, length: 5 }] }, 0, 1),
    ).toBe(false);
    expect(out.acknowledge({ next: 0, frame: 0, delayMs: 0, slackMs: 0, ranges: [] }, 0, 1)).toBe(true);
    expect(out.isSettled).toBe(false);
  });

  it("keeps a bounded amount beyond a gap", () => {
    const { in: receiver } = new Pair();
    const arrivals = Array.from({ length: 300 }, (_, i) => receiver.accept(i + 1, content(i, 64 * 1024)));
    expect(arrivals.filter((arrival) => arrival === "kept").length).toBe(256);
    expect(arrivals.at(-1)).toBe("beyond");
    expect(receiver.accept(2 ** 30, content(0))).toBe("beyond");
  });

  it("reports the lowest 32 of many gaps", () => {
    const { in: receiver } = new Pair();
    for (let i = 100; i > 0; i -= 1) receiver.accept(i * 2, content(i));
    expect(receiver.ranges).toHaveLength(32);
    expect(receiver.ranges[0]).toEqual({ start: 2, length: 1 });
    for (let i = 1; i < 100; i += 1) receiver.accept(i * 2 + 1, content(i));
    expect(receiver.ranges).toEqual([{ start: 2, length: 199 }]);
  });
});
