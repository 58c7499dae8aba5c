/** What a peer with the cookie may say to the services of a node: messages of their own shapes, at the wrong time, of the wrong things. */
import { ErlangSignals, IdentityTable, type Signal } from "@otp/core/transport";
import fc from "fast-check";

import { edges, type NoisePlan, torn } from "./noise-signals.ts";

type Fields = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** Signals to services, in bytes. */
export function servicesFor({ name: own, creation, victim: target, incarnation }: NoisePlan): fc.Arbitrary<Uint8Array> {
  const identities = new IdentityTable(own, creation);
  const signals = new ErlangSignals({ identities });
  const number = fc.oneof({ weight: 9, arbitrary: fc.nat(60) }, { weight: 1, arbitrary: edges });
  const mine = number.map((n) => identities.own.pid(n));
  const theirs = number.map((n) => identities.get(target, incarnation).pid(n));
  const others = number.map((n) => identities.get("friend@host", 3).pid(n));
  const pid = fc.oneof({ weight: 4, arbitrary: mine }, { weight: 2, arbitrary: theirs }, others);
  const node = fc.constantFrom(own, target, "friend@host", "traitor@host", "x@host", "no name", "");
  const name = fc.oneof(fc.constantFrom("a", "b", "c", "d"), fc.nat(9), pid, fc.constant({ by: [1, null] }));
  const id = fc.oneof(fc.nat(40), edges);
  const orNull = (some: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.option(some, { freq: 2 });
  const few = (some: fc.Arbitrary<unknown>): fc.Arbitrary<unknown[]> => fc.array(some, { maxLength: 4 });
  const requester = fc.oneof(fc.constantFrom("r", "s"), pid);
  const lock = { id, resource: name, requester, holder: pid };
  const group = { scope: fc.constantFrom("pg", "pg", "pg", "other"), group: name, pids: few(pid) };
  const says: Readonly<Record<string, Readonly<Record<string, Fields>>>> = {
    $net: { nodes: { nodes: few(node) }, doubted: { node } },
    $global: {
      claim: { id, name, pid, replace: fc.boolean() },
      names: { entries: few(fc.tuple(name, pid)) },
      gone: { name, pid, id: orNull(id) },
      verdict: { name, mine: pid, yours: pid, winner: orNull(pid) },
      request: {
        id,
        op: fc.constantFrom("register", "reRegister", "unregister"),
        name,
        pid,
        resolver: fc.constant(null),
      },
      ping: { id },
      check: { id, name },
      lock,
      unlock: lock,
      unlockAll: { holder: pid },
      answer: { id, isYes: fc.boolean() },
    },
    $overlaps: {
      lost: { by: node, creation: id, serial: id, nodes: few(fc.tuple(node, orNull(id))) },
      remove: {},
      removed: {},
    },
    $pg: {
      discover: { scope: group.scope },
      sync: { scope: group.scope, groups: few(fc.tuple(name, group.pids)) },
      absent: { scope: group.scope },
      join: group,
      leave: group,
    },
    $log: {
      log: {
        line: fc.constantFrom(
          '{"level":30,"msg":"hi"}',
          '{"level":99}',
          "[]",
          "{",
          "",
          '{"level":30,"__proto__":{"a":1}}',
        ),
        dropped: id,
      },
    },
  };
  const messages = Object.entries(says).flatMap(([to, types]) =>
    Object.entries(types).map(([type, fields]) =>
      fc
        .tuple(fc.record(fields), fc.nat(40), fc.oneof(pid, id, fc.constant(null), fc.constant([])))
        .map(([values, at, wrong]): Signal => {
          // Now and then one of them is not what it should be.
          const keys = Object.keys(values);
          const changed = keys[at] === undefined ? {} : { [keys[at]]: wrong };
          return { op: "sendName", from: identities.own.pid(at), to, message: { type, ...values, ...changed } };
        }),
    ),
  );
  const batch = fc.array(fc.oneof(...messages), { minLength: 1, maxLength: 8 }).map((all) => {
    const encoder = signals.createEncoder();
    for (const each of all) encoder.append(each);
    return encoder.take(0);
  });
  return fc.oneof({ weight: 50, arbitrary: batch }, { weight: 1, arbitrary: torn(batch) });
}
