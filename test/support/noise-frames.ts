/**
 * What may arrive at a node beneath the signals: the contents of frames of somebody who has the keys, and datagrams of somebody
 * who has nothing. All by the grammar of `docs/protocol.md`, with something wrong in most.
 */
import fc from "fast-check";

import { type Apart, edges, torn } from "./noise-signals.ts";
import type { Outlaw } from "./outlaw.ts";

/** How a frame's contents are to be made; numbers are relative to the session that is then at hand. */
export interface FramePlan {
  /** Added to the flags that fit. */
  readonly flags: number;
  readonly ack: AckPlan | undefined;
  readonly packet: PacketPlan | undefined;
  /** Changes the byte at that place, or cuts there, when all is written. */
  readonly harm: { readonly at: number; readonly value: number; readonly isCut: boolean } | undefined;
}

interface AckPlan {
  readonly next: number;
  readonly frame: number;
  readonly times: number;
  readonly ranges: readonly (readonly [start: number, length: number])[];
  /** What is said of the number of ranges, if it is not true. */
  readonly count: number | undefined;
}

interface PacketPlan {
  readonly ahead: number;
  readonly kind: number;
  readonly fragment: { readonly lane: number; readonly total: number; readonly flags: number } | undefined;
  readonly body: Uint8Array;
}

const rarely = <T>(arbitrary: fc.Arbitrary<T>, weight = 9): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Frames one after the other: a fragmented signal takes several. */
export function framesOf(
  signals: fc.Arbitrary<Uint8Array>,
  binaries: fc.Arbitrary<Apart>,
): fc.Arbitrary<readonly FramePlan[]> {
  const ack: fc.Arbitrary<AckPlan> = fc.record({
    next: fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -3, max: 3 }) },
      { weight: 1, arbitrary: edges },
    ),
    frame: fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -3, max: 3 }) },
      { weight: 1, arbitrary: edges },
    ),
    times: fc.oneof(fc.constant(0), edges),
    ranges: fc.oneof(
      { weight: 6, arbitrary: fc.constant([]) },
      {
        weight: 1,
        arbitrary: fc.array(fc.tuple(fc.oneof(fc.nat(9), edges), fc.oneof(fc.nat(4), edges)), { maxLength: 33 }),
      },
    ),
    count: rarely(fc.nat(255), 20),
  });
  const fragment = fc.record({
    lane: fc.oneof(fc.nat(3), fc.nat(80), edges),
    total: fc.oneof(fc.nat(300), edges),
    flags: fc.nat(8),
  });
  const packet: fc.Arbitrary<PacketPlan> = fc
    .record({
      ahead: fc.oneof(
        { weight: 60, arbitrary: fc.constant(0) },
        { weight: 6, arbitrary: fc.integer({ min: -3, max: 5 }) },
        { weight: 1, arbitrary: edges },
        { weight: 1, arbitrary: fc.constant(2 ** 47) },
      ),
      kind: fc.oneof({ weight: 40, arbitrary: fc.constantFrom(1, 1, 1, 2, 3) }, { weight: 1, arbitrary: fc.nat(9) }),
      fragment,
      body: fc.oneof({ weight: 20, arbitrary: signals }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) }),
    })
    .map(({ ahead, kind, fragment: head, body }) => ({
      ahead,
      kind,
      fragment: kind === 2 ? head : undefined,
      body: kind === 3 ? new Uint8Array(0) : body,
    }));
  const harm = rarely(fc.record({ at: fc.nat(60), value: fc.nat(255), isCut: fc.boolean() }), 60);
  const flags = fc.oneof({ weight: 60, arbitrary: fc.constantFrom(0, 0, 0, 8) }, { weight: 1, arbitrary: fc.nat(255) });
  const one = fc
    .record({
      flags,
      ack: fc.oneof(ack, fc.constant(undefined)),
      packet: fc.oneof({ weight: 9, arbitrary: packet }, { weight: 1, arbitrary: fc.constant(undefined) }),
      harm,
    })
    .map((frame) => [frame]);
  return fc.oneof(
    { weight: 8, arbitrary: one },
    { weight: 1, arbitrary: trains(signals) },
    { weight: 1, arbitrary: apart(binaries) },
  );
}

/** A signal in pieces that fit, but for one thing perhaps. */
function trains(signals: fc.Arbitrary<Uint8Array>): fc.Arbitrary<readonly FramePlan[]> {
  return fc
    .tuple(signals, fc.integer({ min: 1, max: 40 }), fc.nat(40), rarely(fc.nat(20), 3), rarely(fc.nat(20), 3))
    .map(([bytes, size, lane, left, doubled]) => {
      const pieces: FramePlan[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        const body = bytes.subarray(at, at + size);
        const isFirst = at === 0 ? 1 : 0;
        const isLast = at + size >= bytes.length ? 2 : 0;
        const packet = {
          ahead: 0,
          kind: 2,
          fragment: { lane: lane + 100, total: bytes.length, flags: isFirst | isLast },
          body,
        };
        pieces.push({ flags: 0, ack: undefined, packet, harm: undefined });
      }
      return pieces.flatMap((piece, at) => (at === left ? [] : at === doubled ? [piece, piece] : [piece]));
    });
}

/** A message and its binary in pieces of their own, and something that is not as it should be in most. */
function apart(binaries: fc.Arbitrary<Apart>): fc.Arbitrary<readonly FramePlan[]> {
  const strange = fc.record({
    at: fc.nat(6),
    flags: fc.nat(8),
    length: fc.oneof(fc.nat(300), edges),
    total: fc.oneof(fc.nat(300), edges),
  });
  return fc
    .tuple(binaries, fc.integer({ min: 1, max: 80 }), fc.nat(40), rarely(strange, 1))
    .map(([{ skeleton, binary }, size, lane, wrong]) => {
      const head = Buffer.from(skeleton);
      if (wrong?.at === 6) head.writeUInt32BE(wrong.length, head.length - 4);
      const bodies: Uint8Array[] = [head];
      for (let at = 0; at < binary.length; at += size) bodies.push(binary.subarray(at, at + size));
      return bodies.map((body, at): FramePlan => {
        const isLast = at === bodies.length - 1;
        const flags = (at === 0 ? 1 : 4) | (isLast ? 2 : 0);
        const total = wrong?.at === 5 ? wrong.total : head.length + binary.length;
        const fragment = { lane: lane + 200, total, flags: wrong?.at === at ? wrong.flags : flags };
        return { flags: 0, ack: undefined, packet: { ahead: 0, kind: 2, fragment, body }, harm: undefined };
      });
    });
}

/** The contents that a plan comes to, and whether they take a sequence number. */
export function contentsOf(
  plan: FramePlan,
  outlaw: Outlaw,
): { readonly bytes: Uint8Array; readonly isPacket: boolean } {
  const { ack, packet, harm } = plan;
  const flags = (plan.flags ^ (ack === undefined ? 0 : 1) ^ (packet === undefined ? 0 : 2)) & 255;
  const parts: Uint8Array[] = [Uint8Array.of(flags)];
  if (ack !== undefined) {
    const { next, frame } = outlaw.heard;
    parts.push(uint(next + ack.next, 6), uint(frame + ack.frame, 6), uint(ack.times, 4));
    parts.push(Uint8Array.of(ack.count ?? ack.ranges.length));
    for (const [start, length] of ack.ranges) parts.push(uint(start, 4), uint(length, 4));
  }
  if (packet !== undefined) {
    const { fragment } = packet;
    parts.push(uint(outlaw.sequence + packet.ahead, 6), Uint8Array.of(packet.kind));
    if (fragment !== undefined)
      parts.push(uint(fragment.lane, 4), uint(fragment.total, 4), Uint8Array.of(fragment.flags));
    parts.push(packet.body);
  }
  const bytes = Buffer.concat(parts);
  const isPacket = packet?.ahead === 0;
  if (harm === undefined) return { bytes, isPacket };
  const at = harm.at % bytes.length;
  if (harm.isCut) return { bytes: bytes.subarray(0, at), isPacket };
  bytes[at] = harm.value;
  return { bytes, isPacket };
}

/** Datagrams of somebody without the cookie; `overheard` are true ones, of which some are changed. */
export function datagrams(overheard: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const bytes = (size: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: size, maxLength: size });
  const version = fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(255) });
  const point = fc.oneof(
    bytes(32),
    fc.constantFrom(new Uint8Array(32), new Uint8Array(32).fill(255), Uint8Array.of(1, ...new Uint8Array(31))),
  );
  const rest = fc.oneof(bytes(25), bytes(16), fc.uint8Array({ maxLength: 80 }));
  const join = (kind: number, first: number, parts: readonly Uint8Array[]): Uint8Array =>
    Buffer.concat([Uint8Array.of(kind, first), ...parts]);
  const invitation = fc.tuple(version, point, rest).map(([v, p, r]) => join(0x11, v, [p, r]));
  const answer = fc.tuple(version, bytes(8), point, rest).map(([v, a, p, r]) => join(0x12, v, [a, p, r]));
  const refusal = fc
    .tuple(version, bytes(8), fc.nat(255))
    .map(([v, a, reason]) => join(0x13, v, [a, Uint8Array.of(reason)]));
  const frame = fc
    .tuple(bytes(8), fc.oneof(edges, fc.constant(2 ** 53)), fc.uint8Array({ maxLength: 120 }))
    .map(([session, counter, sealed]) => {
      const head = Buffer.alloc(17, 0x10);
      head.set(session, 1);
      head.writeBigUInt64BE(BigInt(counter), 9);
      return Buffer.concat([head, sealed]);
    });
  const any = fc.uint8Array({ maxLength: 300 });
  const made = fc.oneof(invitation, answer, refusal, frame);
  if (overheard.length === 0) return fc.oneof(made, torn(made), any);
  const true_ = fc.constantFrom(...overheard);
  return fc.oneof(made, torn(made), any, true_, torn(true_), torn(torn(true_)));
}

function uint(value: number, bytes: number): Uint8Array {
  const out = Buffer.alloc(bytes);
  const most = 2 ** (8 * bytes);
  out.writeUIntBE(((value % most) + most) % most, 0, bytes);
  return out;
}
