/** What breaks and what keeps the laws of monitors, aliases, calls and names. */
import {
  type Case,
  answer,
  call,
  deliver,
  down,
  exit,
  register,
  reply,
  rest,
  send,
  settled,
  spawn,
  watch,
} from "./steps.ts";

export const ties: Readonly<Record<string, Case>> = {
  downOnce: {
    bad: [
      [watch, exit("a.1"), down(), down()],
      [watch, { kind: "demonitor", pid: "a.2", ref: "r1", isFlushed: true }, down()],
    ],
    good: [
      [watch, exit("a.1"), down()],
      [watch, { kind: "demonitor", pid: "a.2", ref: "r1", isFlushed: false }],
    ],
  },
  downComes: {
    bad: [[watch, exit("a.1")]],
    good: [
      [watch, exit("a.1"), down()],
      [watch, exit("a.2"), exit("a.1")],
    ],
  },
  nothingAfterDown: {
    bad: [
      [send("m1"), watch, exit("a.1"), down(), deliver("m1")],
      [down(), deliver("m2", { from: "a.1" })],
    ],
    good: [
      [down("'noconnection'"), deliver("m2", { from: "a.1" })],
      [down(), deliver("…", { from: "a.1", about: "EXIT a.1" })],
    ],
  },
  trueReason: {
    bad: [
      [spawn("a.1"), watch, exit("a.1", "'oops'"), down("'other'")],
      [spawn("a.1"), watch, exit("a.1", "'oops'"), down("'noproc'")],
    ],
    good: [
      [spawn("a.1"), watch, exit("a.1", "'oops'"), down("'oops'")],
      [watch, down("'noproc'")],
    ],
  },
  downNames: { bad: [[watch, down("'normal'", "a.7")]], good: [[watch, down()]] },
  monitorsHaveTwoEnds: {
    bad: [
      [rest("monitor", "a.1", "a.2"), settled],
      [rest("watcher", "a.2", "a.1"), settled],
    ],
    good: [[rest("monitor", "a.1", "a.2"), rest("watcher", "a.2", "a.1"), settled]],
  },
  aliasesClose: {
    bad: [
      [
        { kind: "alias", pid: "a.2", ref: "r", mode: "explicitUnalias" },
        { kind: "unalias", pid: "a.2", ref: "r" },
        deliver("m", { through: "r" }),
      ],
      [
        { kind: "alias", pid: "a.2", ref: "r", mode: "reply" },
        deliver("m", { through: "r" }),
        deliver("m", { through: "r" }),
      ],
      [
        { kind: "alias", pid: "a.2", ref: "r", mode: "demonitor" },
        { kind: "demonitor", pid: "a.2", ref: "r", isFlushed: false },
        deliver("m", { through: "r" }),
      ],
    ],
    good: [
      [
        { kind: "alias", pid: "a.2", ref: "r", mode: "explicitUnalias" },
        deliver("m", { through: "r" }),
        deliver("m", { through: "r" }),
      ],
    ],
  },
  oneAnswer: { bad: [[call, answer("1"), answer("'timeout'", false)]], good: [[call, reply("1"), answer("1")]] },
  answersCome: {
    bad: [
      [spawn("a.1"), call, reply("1"), settled],
      [spawn("a.1"), spawn("a.2"), call, exit("a.2"), settled],
    ],
    good: [
      [spawn("a.1"), call, settled],
      [spawn("a.1"), call, reply("1"), answer("1"), settled],
      [call, reply("1"), exit("a.1"), settled],
    ],
  },
  answerIsTheReply: {
    bad: [
      [call, reply("1"), reply("2"), answer("2")],
      [call, answer("1")],
    ],
    good: [
      [call, reply("1"), reply("2"), answer("1")],
      [call, answer("'timeout'", false)],
    ],
  },
  lateRepliesVanish: {
    bad: [[call, answer("'timeout'", false), reply("1"), deliver("{ reply: 1 }")]],
    good: [[call, answer("'timeout'", false), reply("1"), exit("a.3")]],
  },
  namesFree: {
    bad: [
      [register("n", "a.1"), watch, exit("a.1"), down()],
      [register("n", "a.1"), register("n", "a.2")],
    ],
    good: [
      [register("n", "a.1"), exit("a.1"), { kind: "release", name: "n", pid: "a.1" }, register("n", "a.2"), down()],
    ],
  },
  namesOfTheLiving: {
    bad: [[spawn("a.1"), exit("a.1"), register("n", "a.1")]],
    good: [[spawn("a.1"), register("n", "a.1"), exit("a.1")]],
  },
  lookupsAreTrue: {
    bad: [[register("n", "a.1"), { kind: "lookup", name: "n", pid: "a.2" }]],
    good: [
      [register("n", "a.1"), { kind: "lookup", name: "n", pid: "a.1" }],
      [{ kind: "lookup", name: "n", pid: "undefined" }],
    ],
  },
  onlyTheLivingOwn: {
    bad: [
      [rest("name", "n", "a.1"), settled],
      [rest("process", "a.2", ""), rest("link", "a.1", "a.2"), settled],
    ],
    good: [[rest("process", "a.1", ""), rest("name", "n", "a.1"), settled]],
  },
  tablesAgree: {
    bad: [[rest("broken", "K4", "a link has one end"), settled]],
    good: [[rest("process", "a.1", ""), settled]],
  },
};
