/** What breaks and what keeps the laws of signals, mailboxes, timers, processes and links. */
import {
  type Case,
  about,
  boot,
  both,
  deliver,
  exit,
  expire,
  handle,
  handled,
  into,
  lostA,
  out,
  rest,
  send,
  settled,
  signal,
  signalled,
  spawn,
  timer,
  upA,
} from "./steps.ts";

export const signals: Readonly<Record<string, Case>> = {
  pairOrder: {
    bad: [[send("m1"), send("m2"), deliver("m2"), deliver("m1")]],
    good: [[send("m1"), deliver("m1"), send("m2"), deliver("m2")]],
  },
  noDuplication: { bad: [[send("m1"), deliver("m1"), deliver("m1")]], good: [[send("m1"), deliver("m1")]] },
  noInvention: {
    bad: [
      [deliver("m1", { from: "a.1" })],
      [send("m1"), deliver("m1", { from: "a.1" }), deliver("m1", { from: "a.1" })],
    ],
    good: [[send("m1"), deliver("m1", { from: "a.1" })], [deliver("from a timer")]],
  },
  localDelivery: {
    bad: [[spawn("a.2"), send("m1"), exit("a.5")]],
    good: [
      [spawn("a.2"), send("m1"), deliver("m1"), exit("a.2"), send("m2"), exit("a.5")],
      [send("m1", "b.7"), exit("a.5")],
    ],
  },
  sendNeverFails: {
    bad: [[{ kind: "refused", from: "a.1", to: "a.2", error: "TypeError" }]],
    good: [[{ kind: "refused", from: "a.1", to: "b.2", error: "CodecError" }]],
  },
  unchanged: {
    bad: [[{ kind: "take", pid: "a.2", n: 1, over: 0, changed: "{ a: 2 }" }]],
    good: [[{ kind: "take", pid: "a.2", n: 1, over: 0 }]],
  },
  remoteOrder: {
    bad: [
      [...both, out("send", "1"), out("send", "2"), into("send", "2"), into("send", "1")],
      [...both, out("send", "1"), into("send", "1"), into("send", "1")],
      [...both, out("send", "1"), into("send", "other")],
      [...both, out("send", "1"), out("down", "2"), out("send", "3"), into("send", "1"), into("send", "3")],
    ],
    good: [
      [...both, out("send", "1"), out("link", ""), into("send", "1"), into("link", "")],
      [...both, out("send", "1"), out("send", "2"), into("send", "1"), lostA, upA, out("send", "3"), into("send", "3")],
    ],
  },
  nothingLost: {
    bad: [[...both, out("send", "1"), out("send", "2"), into("send", "1"), settled]],
    good: [
      [...both, out("send", "1"), into("send", "1"), settled],
      [...both, out("send", "1"), lostA, upA, settled],
      [...both, out("send", "1")],
    ],
  },
};

export const mailboxes: Readonly<Record<string, Case>> = {
  oldestFirst: {
    bad: [[{ kind: "take", pid: "a.2", n: 2, over: 1 }], [{ kind: "handle", pid: "a.2", n: 2, over: 1, clock: 0 }]],
    good: [[{ kind: "take", pid: "a.2", n: 2, over: 0 }]],
  },
  takenOnce: {
    bad: [
      [
        deliver("m", { n: 1 }),
        { kind: "take", pid: "a.2", n: 1, over: 0 },
        { kind: "take", pid: "a.2", n: 1, over: 0 },
      ],
      [deliver("m", { n: 1 }), { kind: "take", pid: "a.2", n: 2, over: 0 }],
    ],
    good: [[deliver("m", { n: 1 }), deliver("m", { n: 2 }), handle(2), handle(1)]],
  },
  patience: {
    bad: [
      [
        { kind: "wait", pid: "a.2", ms: 10, clock: 5 },
        { kind: "timeout", pid: "a.2", clock: 14 },
      ],
    ],
    good: [
      [
        { kind: "wait", pid: "a.2", ms: 10, clock: 5 },
        { kind: "timeout", pid: "a.2", clock: 15 },
      ],
    ],
  },
  oneAtATime: {
    bad: [[handle(1), handle(2)]],
    good: [[handle(1), handled(), handle(2), exit("a.2"), handle(1, "a.3")]],
  },
  handledInOrder: {
    bad: [[deliver("1", { n: 1, from: "a.1" }), deliver("2", { n: 2, from: "a.1" }), handle(2), handled(), handle(1)]],
    good: [[deliver("1", { n: 1, from: "a.1" }), deliver("2", { n: 2, from: "a.3" }), handle(2), handled(), handle(1)]],
  },
  terminatesOnce: {
    bad: [
      [
        { kind: "terminate", pid: "a.2" },
        { kind: "terminate", pid: "a.2" },
      ],
    ],
    good: [[{ kind: "terminate", pid: "a.2" }, boot, { kind: "terminate", pid: "a.2" }]],
  },
  neverEarly: {
    bad: [[timer(1, 10, 0), expire(1, 9)]],
    good: [
      [timer(1, 10, 0), expire(1, 10)],
      [timer(1, 10, 0.5), expire(1, 10.5)],
    ],
  },
  overOnce: {
    bad: [
      [timer(1, 10, 0), expire(1, 10), expire(1, 11)],
      [timer(1, 10, 0), { kind: "cancelled", id: 1 }, expire(1, 10)],
    ],
    good: [[timer(1, 10, 0), expire(1, 10), timer(1, 10, 10), expire(1, 20)]],
  },
  inTurn: {
    bad: [[timer(1, 10, 0), timer(2, 5, 5), expire(2, 10), expire(1, 10)]],
    good: [
      [timer(1, 10, 0), timer(2, 5, 5), expire(1, 10), expire(2, 10)],
      [timer(1, 10, 0), timer(2, 5, 0), expire(2, 5), expire(1, 10)],
    ],
  },
};

export const lives: Readonly<Record<string, Case>> = {
  oneEnd: { bad: [[exit("a.1"), exit("a.1")]], good: [[exit("a.1"), exit("a.2"), boot, exit("a.1")]] },
  deadAreQuiet: {
    bad: [
      [spawn("a.1"), exit("a.1"), send("m")],
      [spawn("a.2"), exit("a.2"), deliver("m")],
      [exit("a.2"), handle(1)],
    ],
    good: [[spawn("a.1"), send("m"), exit("a.1"), handle(1)]],
  },
  pidsAreNew: {
    bad: [[spawn("a.1"), exit("a.1"), spawn("a.1")]],
    good: [[spawn("a.1"), spawn("a.2"), boot, spawn("a.1")]],
  },
  leaderInherited: {
    bad: [[{ kind: "spawn", pid: "a.2", parent: "a.1", leader: "a.7", parentLeader: "a.8" }]],
    good: [[{ kind: "spawn", pid: "a.2", parent: "a.1", leader: "a.7", parentLeader: "a.7" }]],
  },
  killKills: {
    bad: [
      [signal("'kill'", false), signalled],
      [signal("'kill'", false), exit("a.2", "'kill'"), signalled],
    ],
    good: [[signal("'kill'", false), exit("a.2", "'killed'"), signalled]],
  },
  exitRule: {
    bad: [
      [signal("'normal'"), exit("a.2", "'normal'"), signalled],
      [signal("'oops'"), signalled],
      [signal("'oops'"), exit("a.2", "'other'"), signalled],
      [{ kind: "trap", pid: "a.2", on: true }, signal("'oops'"), exit("a.2", "'oops'"), signalled],
      [
        { kind: "trap", pid: "a.2", on: true },
        { kind: "trap", pid: "a.2", on: false },
        signal("'kill'"),
        about("EXIT a.1", 1),
        signalled,
      ],
    ],
    good: [
      [signal("'normal'"), signalled],
      [signal("'oops'"), exit("a.2", "'oops'"), signalled],
      [{ kind: "trap", pid: "a.2", on: true }, signal("'kill'"), about("EXIT a.1", 1), signalled],
    ],
  },
  linksTell: {
    bad: [
      [spawn("a.1"), spawn("a.2"), exit("a.1", "'oops'", ["a.2"])],
      [spawn("a.1"), spawn("a.2"), exit("a.1", "'oops'", ["a.2"]), signal("'other'")],
      [spawn("a.1"), spawn("a.2"), exit("a.1", "'noproc'", ["a.2"]), signal("'noproc'"), signal("'noproc'")],
    ],
    good: [
      [
        spawn("a.1"),
        spawn("a.2"),
        exit("a.1", "'noproc'", ["a.2"]),
        signal("'noproc'"),
        { kind: "link", pid: "a.2", other: "a.1" },
        signal("'noproc'"),
      ],
      [spawn("a.1"), spawn("a.2"), exit("a.1", "'oops'", ["a.2"]), signal("'oops'")],
      [spawn("a.1"), spawn("a.2"), exit("a.1", "'oops'", ["a.2"]), exit("a.2", "'killed'")],
    ],
  },
  linksOnce: {
    bad: [[signal("'oops'"), signal("'oops'")]],
    good: [[signal("'noproc'"), signal("'noproc'")], [signal("'oops'")]],
  },
  unlinked: {
    bad: [[{ kind: "unlink", pid: "a.2", other: "a.1" }, signal("'oops'")]],
    good: [
      [{ kind: "unlink", pid: "a.2", other: "a.1" }, { kind: "link", pid: "a.1", other: "a.2" }, signal("'oops'")],
    ],
  },
  linksHaveTwoEnds: {
    bad: [[rest("link", "a.1", "a.2"), settled]],
    good: [
      [rest("link", "a.1", "a.2"), rest("link", "a.2", "a.1"), settled],
      [rest("link", "a.1", "c.2"), settled],
    ],
  },
  unlinksAnswered: {
    bad: [[into("unlink", "7"), settled]],
    good: [
      [
        into("unlink", "7"),
        ["b", { kind: "out", peer: "a", op: "unlinkAck", from: "b.1", to: "a.1", text: "7" }],
        settled,
      ],
    ],
  },
  noExitAfterUnlink: {
    bad: [[out("unlink", "1"), out("linkExit", "'oops'")]],
    good: [
      [out("unlink", "1"), out("link", ""), out("linkExit", "'oops'")],
      [out("linkExit", "'oops'")],
      [out("unlink", "1"), out("linkExit", "'noproc'")],
    ],
  },
  noprocOfTheDead: {
    bad: [[spawn("a.1"), signal("'noproc'")]],
    good: [[spawn("a.1"), exit("a.1"), signal("'noproc'")]],
  },
};
