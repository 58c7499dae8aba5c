/** Has the actors of a workload do one step each, in their own turns. */
import { CallError, type Ref, TIMEOUT } from "@otp/core";
import { call } from "@otp/genserver";

import { type Actor, isNumbered, type Numbered } from "./actor.ts";
import type { Cast } from "./cast.ts";
import { brief } from "./servers.ts";
import type { Step, StepOf } from "./steps.ts";

/** Nobody else sends what has this mark. */
const closeMark = 7;

/** Has the step done by whom it names; for all steps but those of the network and of time. */
export class Performer {
  readonly #cast: Cast;
  readonly #refs = new Map<Actor, Ref[]>();
  #serial = 0;

  constructor(cast: Cast) {
    this.#cast = cast;
  }

  perform(step: Step): void {
    switch (step.do) {
      case "send":
        for (let time = 0; time < step.times; time += 1) this.#send(this.#at(step.who), this.#at(step.whom), step.mark);
        return;
      case "link":
      case "unlink":
        return this.#tie(step.do, this.#at(step.who), this.#at(step.whom));
      case "cross":
        return this.#cross(step);
      case "flush":
        return this.#flush(step);
      case "monitor":
        return this.#monitor(this.#at(step.who), this.#at(step.whom));
      case "demonitor":
        return this.#demonitor(this.#at(step.who), step.flush);
      case "exit":
        return this.#exit(this.#at(step.who), step.reason);
      case "sendExit":
        return this.#sendExit(step);
      case "trap":
        return this.#trap(this.#at(step.who), step.on);
      case "lastWords":
        this.#monitor(this.#at(step.whom), this.#at(step.who));
        for (let word = 0; word < 3; word += 1) this.#send(this.#at(step.who), this.#at(step.whom), null);
        return this.#exit(this.#at(step.who), step.reason);
      case "doomed":
        return this.#doomed(step);
      case "timer":
        return this.#timer(step);
      case "await":
        return this.#await(step);
      case "call":
        return this.#call(step);
      case "alias":
        return this.#alias(step);
      case "register":
        return this.#register(this.#at(step.who));
      default:
        throw new Error(`${step.do} is no deed of a process`);
    }
  }

  #at(index: number): Actor {
    const { actors } = this.#cast;
    const actor = actors[index % actors.length];
    if (actor === undefined) throw new Error("there are no actors");
    return actor;
  }

  #send(who: Actor, to: Actor, mark: number | null): void {
    const { diary } = this.#cast;
    who.tell((self) => {
      this.#serial += 1;
      const serial = this.#serial;
      self.send<unknown>(to.pid, { from: who.id, serial, mark });
      diary.note(who, { did: "send", to, serial, mark });
    });
  }

  #tie(how: "link" | "unlink", who: Actor, other: Actor): void {
    const { diary } = this.#cast;
    if (who === other) return;
    who.tell(async (self) => {
      diary.note(who, { did: how, other });
      if (how === "link") self.link(other.pid);
      else {
        self.unlink(other.pid);
        // LINK-3: what was queued before stays, of each link to one that was dead already; from now on there is nothing.
        while ((await self.receive({ type: "EXIT", from: other.pid }, { after: 0 })) !== TIMEOUT);
      }
    });
  }

  #cross({ who, whom, other, ms }: StepOf<"cross">): void {
    const [one, two] = [this.#at(who), this.#at(whom)];
    if (one === two) return;
    this.#tie("link", one, two);
    // So long that the link is there on both sides, whatever was lost on the way.
    for (const [actor, pause] of [
      [one, 400],
      [two, 400 + ms],
    ] as const)
      actor.tell((self) => self.sleep(pause));
    this.#tie("unlink", one, two);
    if (other === "exit") return this.#exit(two, "boom");
    this.#tie("unlink", two, one);
    if (other === "relink") this.#tie("link", two, one);
  }

  /** MON-6 MON-7: with `flush` no DOWN comes afterwards; without it the one that has come stays. */
  #flush({ who, whom, flush }: StepOf<"flush">): void {
    const { diary } = this.#cast;
    const [actor, place] = [this.#at(who), this.#at(whom)];
    actor.tell(async (self) => {
      const { pid, ref } = self.spawnMonitor({ node: place.node.name }, brief, "brief");
      await self.sleep(300);
      const wasActive = self.demonitor(ref, { flush, info: true });
      const down = await self.receive({ type: "DOWN", ref }, { after: 0 });
      if (flush && down !== TIMEOUT) diary.fault(`MON-7: DOWN of ${pid} after demonitor with flush`);
      if (!flush && !wasActive && down === TIMEOUT) diary.fault(`MON-6: the DOWN of ${pid} has gone`);
    });
  }

  #monitor(who: Actor, other: Actor): void {
    const { diary } = this.#cast;
    if (who === other) return;
    who.tell((self) => {
      const ref = self.monitor(other.pid);
      diary.note(who, { did: "monitor", ref, other });
      this.#refs.set(who, [...(this.#refs.get(who) ?? []), ref]);
    });
  }

  #demonitor(who: Actor, flush: boolean): void {
    const { diary } = this.#cast;
    who.tell((self) => {
      const ref = this.#refs.get(who)?.shift();
      if (ref === undefined) return;
      self.demonitor(ref, { flush });
      diary.note(who, { did: "demonitor", ref, isFlushed: flush });
    });
  }

  #exit(who: Actor, reason: unknown): void {
    const { diary } = this.#cast;
    who.tell((self) => {
      diary.note(who, { did: "mayDieOf", other: who, reason });
      self.exit(reason);
    });
  }

  #sendExit({ who, whom, reason }: StepOf<"sendExit">): void {
    const { diary } = this.#cast;
    const [from, to] = [this.#at(who), this.#at(whom)];
    from.tell((self) => {
      // EXIT-5: a reason that is normal ends nobody but the process that says so of itself.
      const deadly = reason === "kill" ? "killed" : reason;
      if (reason !== "normal" || from === to) diary.note(from, { did: "mayDieOf", other: to, reason: deadly });
      diary.note(from, { did: "sendExit", other: to });
      self.sendExit(to.pid, reason);
    });
  }

  #trap(who: Actor, on: boolean): void {
    const { diary } = this.#cast;
    who.tell((self) => {
      self.trapExit = on;
      diary.note(who, { did: "trap", on });
    });
  }

  /** LINK-2 MON-13: an end that follows the start at once is told with its own reason. */
  #doomed({ who, whom, isLinked }: StepOf<"doomed">): void {
    const { diary } = this.#cast;
    const [actor, place] = [this.#at(who), this.#at(whom)];
    actor.tell(async (self) => {
      const node = place.node.name;
      if (isLinked) {
        const before = self.trapExit;
        self.trapExit = true;
        diary.note(actor, { did: "trap", on: true });
        const pid = self.spawnLink({ node }, brief, "brief");
        const { reason } = await self.receive({ type: "EXIT", from: pid });
        self.trapExit = before;
        if (reason !== "brief" && reason !== "noconnection") diary.fault(`LINK-2: ${pid} ended with ${String(reason)}`);
      } else {
        const { pid, ref } = self.spawnMonitor({ node }, brief, "brief");
        const { reason } = await self.receive({ type: "DOWN", ref });
        if (reason !== "brief" && reason !== "noconnection") diary.fault(`MON-13: ${pid} ended with ${String(reason)}`);
      }
    });
  }

  /** TIMER-1 TIMER-5: never early, and never after it was cancelled. */
  #timer({ who, ms, cancelAfter }: StepOf<"timer">): void {
    const { diary, now } = this.#cast;
    const actor = this.#at(who);
    actor.tell((self) => {
      const [due, setAt] = [now() + ms, now()];
      let state = "set";
      const ref = self.startTimer(self.pid, "rings", ms);
      actor.awaited.set(ref, () => {
        if (state !== "set") diary.fault(`TIMER-5: a timer rang that was ${state}`);
        if (now() < due) diary.fault(`TIMER-1: a timer of ${String(ms)} ms rang after ${String(now() - setAt)} ms`);
        state = "over";
      });
      if (cancelAfter === null) return;
      self.spawn(async (other) => {
        await other.sleep(cancelAfter);
        actor.tell((again) => {
          const left = again.cancelTimer(ref);
          if (typeof left === "number") {
            if (state === "over" || left > ms)
              diary.fault(`TIMER-5: ${String(left)} ms left of a timer of ${String(ms)} ms`);
            state = "cancelled";
          } else if (state === "set" && now() < due) diary.fault("TIMER-5: a timer was gone before its time");
        });
      });
    });
  }

  /** RECV-1 RECV-3: the oldest that fits, or nothing at the end of the time and not before. */
  #await(step: StepOf<"await">): void {
    const { diary, now } = this.#cast;
    const { ms } = step;
    // A receive that only looks waits for nothing.
    const isClose = step.isClose && ms > 0;
    const actor = this.#at(step.who);
    const mark = isClose ? closeMark : step.mark;
    const isWanted = (message: unknown): message is Numbered => isNumbered(message) && message.mark === mark;
    actor.tell(async (self) => {
      const since = now();
      this.#serial += 1;
      // RECV-4: what comes at the last moment has come.
      if (isClose) self.sendAfter(self.pid, { from: actor.id, serial: this.#serial, mark }, ms);
      const got = await self.receive(isWanted, { after: ms });
      if (got !== TIMEOUT) diary.note(actor, { did: "get", from: got.from, serial: got.serial, mark: got.mark });
      else if (isClose) diary.fault("RECV-4: a receive has not seen what came before its time was over");
      else if (now() - since < ms)
        diary.fault(`RECV-3: a receive of ${String(ms)} ms ended after ${String(now() - since)} ms`);
    });
  }

  /** CALL-1 CALL-4: the reply to this request, or an error, and nothing afterwards. */
  #call({ who, whom, ms }: StepOf<"call">): void {
    const { diary, servers, actors } = this.#cast;
    const [actor, place] = [this.#at(who), whom % actors.length];
    const server = servers[place % servers.length];
    if (server === undefined) return;
    actor.tell(async (self) => {
      this.#serial += 1;
      const n = this.#serial;
      try {
        const squared = await call(self, server.squares, { type: "square", n }, { timeout: ms });
        if (squared !== n * n) diary.fault(`CALL-1: ${String(n)} squared is ${String(squared)}`);
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        const isKnown =
          error.reason === "timeout" ||
          (typeof error.reason === "object" && error.reason !== null && "nodedown" in error.reason);
        if (!isKnown) diary.fault(`CALL-2: a call failed with ${String(error.reason)}`);
        // NODE-8: a server that is lost is told long before.
        if (error.reason === "timeout" && ms >= 20_000) diary.fault("CALL-2: a call has waited in vain");
      }
    });
  }

  /** ALIAS-4 … ALIAS-7: one answer, and none once the monitor is gone. */
  #alias({ who, whom, mode }: StepOf<"alias">): void {
    const { diary, servers } = this.#cast;
    const actor = this.#at(who);
    const server = servers[whom % servers.length];
    if (server === undefined) return;
    actor.tell((self) => {
      const ref = self.monitor(server.echo, { alias: mode });
      let answers = 0;
      actor.awaited.set(ref, (message) => {
        if (typeof message === "object" && message !== null && "type" in message) return;
        answers += 1;
        if (answers > (mode === "replyDemonitor" ? 1 : 0))
          diary.fault(`ALIAS: answer ${String(answers)} to a ${mode} alias`);
      });
      self.send<unknown>(server.echo, { ref });
      if (mode === "demonitor") self.demonitor(ref, { flush: true });
    });
  }

  #register(who: Actor): void {
    who.tell((self) => {
      if (self.whereis("worker") === undefined && self.node.info(self.pid, "registeredName") !== "worker")
        self.register("worker");
    });
  }
}
