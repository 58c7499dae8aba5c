/** What the steps about processes and messages mean on our side, given the processes and refs there are; see `oracle_steps.erl`. */
import type { Pid, Process, Ref } from "@otp/core";

import { act, type Act, type Acted, type Did, LastWord, msOf, over, type Surroundings, value } from "./act.ts";
import { reasonOf } from "./server.ts";
import { actOfServers } from "./server-acts.ts";

/** The act of a step, `undefined` where it concerns nobody. */
export function actOf(step: Acted, there: Surroundings): Act | undefined {
  return endOf(step, there) ?? actOfTies(step, there) ?? actOfMessages(step, there) ?? actOfServers(step, there);
}

function noted(run: (self: Process) => Ref): Act {
  return act((self) => {
    const ref = run(self);
    return { value: ref, refs: [ref] };
  });
}

function withRef(ref: Ref | undefined, make: (ref: Ref) => Act): Act | undefined {
  return ref === undefined ? undefined : make(ref);
}

function endOf(step: Acted, there: Surroundings): Act | undefined {
  const begin = (child: Process, goOn: () => unknown): unknown => {
    there.born(child.pid, "puppet");
    return goOn();
  };
  switch (step[0]) {
    case "spawn":
      return act((self) => born(self, step[2], (child) => begin(child, () => there.puppet(child))));
    case "doomed":
      return act((self) => born(self, step[2], (child) => begin(child, () => child.exit(reasonOf(step[3])))));
    case "exit":
      return act((self) => {
        try {
          return self.exit(reasonOf(step[2]));
        } catch (error) {
          throw new LastWord(error);
        }
      });
    case "raise":
      return act(() => {
        throw new LastWord(new Error("boom"));
      });
    case "throw":
      return act(() => {
        throw new LastWord(reasonOf(step[2]));
      });
    case "return":
      return act(() => over);
    case "sendExit": {
      const pid = there.whom(step[2]);
      return value((self) => self.sendExit(pid, reasonOf(step[3])));
    }
    case "trap":
      return value((self) => self.flag("trapExit", step[2] === 1));
    default:
      return undefined;
  }
}

function born(self: Process, tie: string, body: (child: Process) => unknown): Did {
  if (tie === "monitor") {
    const { pid, ref } = self.spawnMonitor(body);
    return { value: pid, refs: [ref] };
  }
  return { value: tie === "link" ? self.spawnLink(body) : self.spawn(body) };
}

const aliasModes = {
  explicit_unalias: "explicitUnalias",
  demonitor: "demonitor",
  reply_demonitor: "replyDemonitor",
} as const;

function aliasOf(mode: string): { readonly alias: (typeof aliasModes)[keyof typeof aliasModes] } | undefined {
  return mode === "explicit_unalias" || mode === "demonitor" || mode === "reply_demonitor"
    ? { alias: aliasModes[mode] }
    : undefined;
}

function actOfTies(step: Acted, there: Surroundings): Act | undefined {
  switch (step[0]) {
    case "link":
    case "unlink": {
      const [verb, , whom] = step;
      const pid = there.whom(whom);
      return value((self) => self[verb](pid));
    }
    case "monitor": {
      const pid = there.whom(step[2]);
      return noted((self) => self.monitor(pid, aliasOf(step[3])));
    }
    case "monitorName":
      return noted((self) => self.monitor(step[2], aliasOf(step[3])));
    case "demonitor":
      return withRef(there.ref(step[2]), (ref) =>
        value((self) => self.demonitor(ref, { flush: step[3].includes("flush"), info: step[3].includes("info") })),
      );
    case "alias":
      return noted((self) => self.alias({ reply: step[2] === "reply" }));
    case "unalias":
      return withRef(there.ref(step[2]), (ref) => value((self) => self.unalias(ref)));
    case "register": {
      const pid = there.whom(step[2]);
      return value((self) => self.register(step[3], pid));
    }
    case "unregister":
      return value((self) => self.unregister(step[2]));
    case "whereis":
      return value((self) => self.whereis(step[2]));
    case "leader": {
      const [pid, leader]: readonly [Pid, Pid] = [there.whom(step[2]), there.whom(step[3])];
      return value((self) => self.setGroupLeader(pid, leader));
    }
    default:
      return undefined;
  }
}

function actOfMessages(step: Acted, there: Surroundings): Act | undefined {
  const sent = (run: (self: Process) => unknown): Act => value((self) => (run(self), "sent"));
  const message = (n: number): unknown => ({ type: "message", n });
  switch (step[0]) {
    case "send": {
      const pid = there.whom(step[2]);
      return sent((self) => self.send<unknown>(pid, message(step[3])));
    }
    case "sendName":
      return sent((self) => self.send(step[2], message(step[3])));
    case "sendAlias":
      return withRef(there.ref(step[2]), (ref) => sent((self) => self.send(ref, message(step[3]))));
    case "sendAfter":
    case "startTimer": {
      const [verb, , units, to, n] = step;
      const target = typeof to === "number" ? there.whom(to) : to;
      return noted((self) => self[verb](target, message(n), msOf(units, there)));
    }
    case "cancel":
      return withRef(there.ref(step[2]), (ref) => value((self) => left(self.cancelTimer(ref), there)));
    case "readTimer":
      return withRef(there.ref(step[2]), (ref) => value((self) => left(self.readTimer(ref), there)));
    case "receive": {
      const [, , what, units] = step;
      const after = typeof units === "string" || units <= 0 ? units : patienceOf(units, there);
      return act(async (self) => ({ value: await self.receive(accepts[what] ?? (() => true), { after }) }));
    }
    case "flush":
      return value((self) => self.flush());
    default:
      return undefined;
  }
}

/** Due at another moment than any timer. */
function patienceOf(units: number, { unit }: Surroundings): number {
  return units * unit + (unit * 3) / 4;
}

function left(ms: number | false | "ok", { unit }: Surroundings): unknown {
  return typeof ms === "number" ? `left ${String(Math.ceil(ms / unit))}` : ms;
}

const accepts: Readonly<Record<string, (message: unknown) => boolean>> = {
  even: (message) => isTagged(message, "message") && "n" in message && Number(message.n) % 2 === 0,
  down: (message) => isTagged(message, "DOWN"),
  exit: (message) => isTagged(message, "EXIT"),
};

function isTagged(message: unknown, tag: string): message is object {
  return typeof message === "object" && message !== null && "type" in message && message.type === tag;
}
