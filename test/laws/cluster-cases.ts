/** What breaks and what keeps the laws of supervisors, connections and whole clusters. */
import type { Happening } from "@otp/testing";

import {
  type Case,
  about,
  boot,
  both,
  children,
  crash,
  down,
  ending,
  exit,
  handled,
  into,
  lostA,
  numbered,
  office,
  rest,
  settled,
  tell,
  upA,
} from "./steps.ts";

export const supervision: Readonly<Record<string, Case>> = {
  stopOrder: {
    bad: [
      [...office("one_for_one"), ending, tell("a.1"), exit("a.1"), tell("a.3")],
      [...office("one_for_one"), ending, tell("a.3"), tell("a.1")],
    ],
    good: [
      [...office("one_for_one"), ending, tell("a.3"), tell("a.3", "'kill'"), exit("a.3"), tell("a.1"), exit("a.1")],
    ],
  },
  intensity: {
    bad: [
      [
        ...office("one_for_one"),
        ...crash("a.1", 1),
        children("'x'|a.5|permanent|100"),
        handled("a.9"),
        ...crash("a.5", 2),
        handled("a.9"),
      ],
      [...office("one_for_one"), ...crash("a.1", 1), exit("a.9", "'shutdown'")],
    ],
    good: [
      [
        ...office("one_for_one"),
        ...crash("a.1", 1),
        children("'x'|a.5|permanent|100"),
        handled("a.9"),
        ...crash("a.5", 2),
        exit("a.9", "'shutdown'"),
        handled("a.9"),
      ],
      [
        ...office("one_for_one"),
        ...crash("a.1", 1),
        children("'x'|a.5|permanent|100"),
        handled("a.9"),
        ...crash("a.5", 2, "'oops'", 5_001),
        handled("a.9"),
      ],
    ],
  },
  strategies: {
    bad: [
      [...office("one_for_one"), ...crash("a.1", 1), tell("a.3")],
      [...office("rest_for_one"), ...crash("a.3", 1), tell("a.1")],
    ],
    good: [
      [...office("rest_for_one"), ...crash("a.1", 1), tell("a.3")],
      [...office("one_for_all"), ...crash("a.3", 1), tell("a.1")],
    ],
  },
  restartTypes: {
    bad: [
      [...office("one_for_one", "temporary"), ...crash("a.1", 1), children("'x'|a.5|temporary|100")],
      [...office("one_for_one", "transient"), ...crash("a.1", 1, "'normal'"), children("'x'|a.5|transient|100")],
      [...office("one_for_one"), ...crash("a.1", 1), children("'x'|-|permanent|100")],
    ],
    good: [
      [...office("one_for_one", "temporary"), ...crash("a.1", 1), children("'y'|a.3|temporary|100")],
      [...office("one_for_one"), ...crash("a.1", 1), children("'x'|a.5|permanent|100")],
    ],
  },
  shutdownTime: {
    bad: [[...office("one_for_one"), ending, tell("a.3", "'shutdown'", 0), tell("a.3", "'kill'", 99)]],
    good: [[...office("one_for_one"), ending, tell("a.3", "'shutdown'", 0), tell("a.3", "'kill'", 100)]],
  },
  noOrphans: {
    bad: [[...office("one_for_one"), exit("a.9", "'killed'"), exit("a.1", "'killed'"), settled]],
    good: [
      [...office("one_for_one"), exit("a.9", "'killed'"), exit("a.1", "'killed'"), exit("a.3", "'killed'"), settled],
    ],
  },
};

const remote: Happening = { kind: "monitor", pid: "a.2", ref: "r1", object: "b.1" };

export const cluster: Readonly<Record<string, Case>> = {
  oneConnection: {
    bad: [[upA, upA], [lostA]],
    good: [
      [upA, lostA, upA],
      [upA, boot, upA],
    ],
  },
  nothingAfterLost: {
    bad: [[...both, ["b", { kind: "lost", peer: "a" }], into("send", "1")]],
    good: [[...both, into("send", "1"), ["b", { kind: "lost", peer: "a" }]]],
  },
  lossIsTold: {
    bad: [[upA, remote, lostA, upA, down("'noconnection'", "b.1")]],
    good: [
      [upA, remote, lostA, down("'noconnection'", "b.1"), upA],
      [upA, remote, exit("a.2"), lostA, upA],
    ],
  },
  comeAndGo: {
    bad: [
      [about("nodeup b", 1), about("nodeup b", 2)],
      [about("nodeup b", 1), about("nodedown b", 2), about("nodedown b", 3)],
    ],
    good: [
      [about("nodeup b", 1), about("nodedown b", 2), about("nodeup b", 3)],
      [{ kind: "nodewatch", pid: "a.2", peer: "b" }, about("nodedown b", 1), about("nodedown b", 2)],
    ],
  },
  downBeforeNodedown: {
    bad: [
      [remote, about("nodedown b", 1)],
      [{ kind: "link", pid: "a.2", other: "b.1" }, about("nodedown b", 1)],
    ],
    good: [[remote, down("'noconnection'", "b.1"), about("nodedown b", 1)]],
  },
  incarnations: { bad: [[boot, boot]], good: [[boot, { kind: "boot", creation: 5 }, ["b", boot]]] },
  oneOwner: {
    bad: [[rest("peer", "a", "b"), rest("global", "n", "a.1"), ["b", rest("global", "n", "b.1")], settled]],
    good: [
      [rest("peer", "a", "b"), rest("global", "n", "a.1"), ["b", rest("global", "n", "a.1")], settled],
      [rest("global", "n", "a.1"), ["b", rest("global", "n", "b.1")], settled],
    ],
  },
  ownersLive: {
    bad: [[rest("global", "n", "a.1"), settled]],
    good: [[rest("process", "a.1", ""), rest("global", "n", "a.1"), settled]],
  },
  registrationsEnd: {
    bad: [[{ kind: "asking", id: 1, op: "registerName", name: "n" }, settled]],
    good: [
      [{ kind: "asking", id: 1, op: "registerName", name: "n" }, { kind: "asked", id: 1, result: "'no'" }, settled],
    ],
  },
  groupsAgree: {
    bad: [
      [
        rest("process", "a.1", ""),
        rest("peer", "a", "b"),
        rest("group", "g", "a.1"),
        ["b", rest("process", "b.1", "")],
        settled,
      ],
      [rest("group", "g", "a.1"), settled],
    ],
    good: [
      [
        rest("process", "a.1", ""),
        rest("peer", "a", "b"),
        rest("group", "g", "a.1"),
        ["b", rest("group", "g", "a.1")],
        settled,
      ],
    ],
  },
  numberedInOrder: {
    bad: [
      [numbered(0, 3), numbered(5, 5)],
      [numbered(1, 1)],
      [numbered(0, 3), numbered(3, 3)],
      [numbered(0, 3, 2), numbered(4, 4, 1)],
      [numbered(0, 0, 1, 8), numbered(0, 0, 1, 9), numbered(1, 1, 1, 8)],
    ],
    good: [[numbered(0, 9), numbered(10, 10), numbered(0, 3, 2), numbered(0, 0, 1, 8)]],
  },
  numberedInside: {
    bad: [[numbered(0, 0)], [about("nodeup b", 1), about("nodedown b", 2), numbered(0, 0)]],
    good: [[about("nodeup b", 1), numbered(0, 0)]],
  },
};
