/** Answers between name services belong to the connection over which the question came. */
import { describe, expect, it } from "vitest";

import { IdentityTable } from "../term/identity.ts";
import type { Pid } from "../term/pid.ts";
import type { GlobalMessage } from "./global-messages.ts";
import { GlobalNames } from "./global-state.ts";
import { Waits } from "./waits.ts";

const identities = new IdentityTable("d@host", 1);
const pidOf = (node: string): Pid => identities.get(node, 1).pid(1);

/** The names of `d@host`, which is connected to three others, and what it tells them. */
function world() {
  const sent: (readonly [node: string, message: GlobalMessage])[] = [];
  const names = new GlobalNames(
    {
      self: "d@host",
      send: (node, message) => void sent.push([node, message]),
      isAlive: () => true,
      watch: () => undefined,
      unwatch: () => undefined,
      judge: ({ mine }) => mine,
      severalNames: () => undefined,
    },
    new Waits<boolean>(),
  );
  for (const node of ["a@host", "b@host", "c@host"]) names.up(node);
  const answers = (node: string): GlobalMessage[] =>
    sent.flatMap(([to, message]) => (to === node && message.type === "answer" ? [message] : []));
  const restart = (node: string): void => {
    names.down(node);
    names.up(node);
  };
  const claim = (node: string, id: number): void =>
    names.receive(node, { type: "claim", id, name: "x", pid: pidOf(node), replace: false });
  const checkOf = (node: string): number =>
    sent.flatMap(([to, message]) => (to === node && message.type === "check" ? [message.id] : [])).at(-1) ?? 0;
  return { names, answers, restart, claim, checkOf };
}

describe("GLOBAL-1 an answer", () => {
  it("to a claim comes when the nodes of those before it have been asked, and not to who has restarted meanwhile", () => {
    for (const isRestarted of [false, true]) {
      const { names, answers, restart, claim, checkOf } = world();
      claim("a@host", 1);
      expect(answers("a@host")).toEqual([{ type: "answer", id: 1, isYes: true }]);
      claim("b@host", 1);
      expect(answers("b@host")).toEqual([]);
      if (isRestarted) restart("b@host");
      names.receive("a@host", { type: "answer", id: checkOf("a@host"), isYes: true });
      expect(answers("b@host")).toEqual(isRestarted ? [] : [{ type: "answer", id: 1, isYes: false }]);
    }
  });

  it("to a ping comes when the verdict has, and not to who has restarted meanwhile", () => {
    for (const isRestarted of [false, true]) {
      const { names, answers, restart } = world();
      for (const node of ["a@host", "b@host", "c@host"]) names.down(node);
      const mine = pidOf("d@host");
      names.register({ key: '"x', name: "x", pid: mine, resolver: null, replace: false }, () => undefined);
      for (const node of ["a@host", "b@host"]) names.up(node);
      names.receive("a@host", { type: "names", entries: [["x", pidOf("a@host")]] });
      names.receive("b@host", { type: "ping", id: 7 });
      expect(answers("b@host")).toEqual([]);
      if (isRestarted) restart("b@host");
      names.receive("a@host", {
        type: "verdict",
        name: "x",
        mine: pidOf("a@host"),
        yours: mine,
        winner: mine,
      });
      expect(answers("b@host")).toEqual(isRestarted ? [] : [{ type: "answer", id: 7, isYes: true }]);
    }
  });
});
