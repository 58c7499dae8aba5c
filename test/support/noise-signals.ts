/** What a peer with the cookie may put into a packet: signals that are well-formed and mean harm, and what is nearly that. */
import { ErlangCodec, ErlangSignals, IdentityTable, type Signal } from "@otp/core/transport";
import fc from "fast-check";

/** The tags of what has a number in its batch, and gets one. */
const sharing = [2, 1] as const;

/** Who sends the noise, and to which incarnation of which node. */
export interface NoisePlan {
  readonly name: string;
  readonly creation: number;
  readonly victim: string;
  readonly incarnation: number;
}

/** Numbers at which something may tip over. */
export const edges: fc.Arbitrary<number> = fc.constantFrom(
  0,
  1,
  255,
  256,
  32_767,
  65_535,
  2 ** 27,
  2 ** 28 - 1,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
);

/** Signals in bytes. */
export function noiseFor({ name: own, creation, victim: target, incarnation }: NoisePlan): fc.Arbitrary<Uint8Array> {
  const identities = new IdentityTable(own, creation);
  const codec = new ErlangCodec({ identities });
  const signals = new ErlangSignals({ identities });
  const victim = identities.get(target, incarnation);
  const number = fc.oneof({ weight: 9, arbitrary: fc.nat(60) }, { weight: 1, arbitrary: edges });
  const theirs = number.map((n) => victim.pid(n));
  const pid = fc.oneof(
    theirs,
    number.map((n) => identities.own.pid(n)),
    number.map((n) => identities.get("friend@host", 3).pid(n)),
    number.map((n) => identities.get(target, incarnation - 1).pid(n)),
  );
  const ref = fc.oneof(
    number.map((n) => victim.ref(n)),
    number.map((n) => identities.own.ref(n)),
  );
  const name = fc.constantFrom("$net", "$global", "$overlaps", "$pg", "$io", "$log", "user", "talker", "nobody");
  const leaf = fc.oneof(
    pid,
    ref,
    name,
    fc.constantFrom("normal", "kill", "noconnection"),
    fc.integer({ min: -1, max: 300 }),
    fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }),
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
  // As batches, for in one of them later signals refer to what earlier ones have said.
  const batch = fc.array(signalsOf({ pid, theirs, ref, name, term }), { minLength: 1, maxLength: 8 });
  const wellFormed = batch.map((all) => {
    const encoder = signals.createEncoder();
    for (const each of all) encoder.append(each);
    return encoder.take(0);
  });
  const shared = fc
    .tuple(wellFormed, fc.nat(), fc.constantFrom(...sharing), fc.nat(255))
    .map(([bytes, at, tag, value]) => {
      const changed = Buffer.from(bytes);
      changed.set([tag, value].slice(0, changed.length), at % Math.max(1, changed.length - 1));
      return changed;
    });
  const nearlySignal = fc
    .tuple(fc.integer({ min: 0, max: 40 }), fc.array(term, { maxLength: 6 }), term)
    .map(([op, rest, message]) => {
      const elements = [op, ...rest].map((element) => codec.encode(element).subarray(1));
      return Buffer.concat([Uint8Array.of(104, elements.length), ...elements, codec.encode(message).subarray(1)]);
    });
  return fc.oneof(
    { weight: 100, arbitrary: wellFormed },
    { weight: 1, arbitrary: nearlySignal },
    { weight: 2, arbitrary: torn(fc.oneof(wellFormed, nearlySignal)) },
    { weight: 2, arbitrary: shared },
    { weight: 1, arbitrary: bombs },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
}

/** A message that ends with a binary, without and with which it is to be sent. */
export interface Apart {
  readonly skeleton: Uint8Array;
  readonly binary: Uint8Array;
}

/** Messages with a binary whose bytes may travel apart. */
export function binariesFor({ name, creation, victim, incarnation }: NoisePlan): fc.Arbitrary<Apart> {
  const identities = new IdentityTable(name, creation);
  const signals = new ErlangSignals({ identities });
  const to = identities.get(victim, incarnation);
  return fc.tuple(fc.nat(60), fc.nat(60), fc.uint8Array({ minLength: 1, maxLength: 200 })).map(([n, m, binary]) => {
    const encoder = signals.createEncoder();
    encoder.append({ op: "send", from: identities.own.pid(n), to: to.pid(m), message: binary });
    const whole = encoder.take(0);
    return { skeleton: whole.subarray(0, whole.length - binary.length), binary };
  });
}

/** Heads of terms that say they hold more than there is, and nesting. */
const bombs: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom(77, 80, 82, 98, 99, 104, 105, 107, 108, 109, 110, 111, 112, 116, 118),
    edges,
    fc.nat(3),
    fc.uint8Array({ maxLength: 12 }),
    fc.constantFrom(0, 1, 5, 300, 5_000),
  )
  .map(([tag, count, width, rest, depth]) => {
    const head = Buffer.alloc(5, tag);
    head.writeUInt32BE(count, 1);
    const nest = Buffer.concat(Array.from({ length: depth }, () => Uint8Array.of(108, 0, 0, 0, 1)));
    // As the message of a send, where any term may stand, and alone.
    const opening = width === 0 ? Buffer.alloc(0) : Buffer.from([104, 3, 97, 22]);
    return Buffer.concat([opening, nest, head.subarray(0, 5 - (width > 1 ? width - 1 : 0)), rest]);
  });

/** Bytes with one changed, or cut. */
export function torn(whole: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.tuple(whole, fc.nat(), fc.nat(255), fc.boolean()).map(([bytes, at, value, isCut]) => {
    if (isCut || bytes.length === 0) return bytes.subarray(0, at % (bytes.length + 1));
    const changed = Buffer.from(bytes);
    changed[at % changed.length] = value;
    return changed;
  });
}

type Pid = Extract<Signal, { op: "link" }>["from"];
type Ref = Extract<Signal, { op: "monitor" }>["ref"];

interface Parts {
  readonly pid: fc.Arbitrary<Pid>;
  readonly theirs: fc.Arbitrary<Pid>;
  readonly ref: fc.Arbitrary<Ref>;
  readonly name: fc.Arbitrary<string>;
  readonly term: fc.Arbitrary<unknown>;
}

function signalsOf({ pid, theirs, ref, name, term }: Parts): fc.Arbitrary<Signal> {
  const id = fc.oneof(fc.nat(10), edges);
  const target = fc.oneof(theirs, name);
  const fn = fc.record({ name: fc.constantFrom("nothing/there", "toString"), bound: fc.array(term, { maxLength: 2 }) });
  const wishes = fc.record({
    link: fc.boolean(),
    monitor: fc.boolean(),
    reply: fc.constantFrom("yes", "no", "errorOnly", "successOnly"),
  });
  return fc.oneof(
    fc.record({ op: fc.constant("send"), from: pid, to: theirs, message: term }),
    fc.record({ op: fc.constant("sendName"), from: pid, to: name, message: term }),
    fc.record({ op: fc.constant("sendAlias"), from: pid, to: ref, message: term }),
    fc.record({ op: fc.constant("call"), from: pid, to: target, alias: ref, type: name, request: term }),
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
}
