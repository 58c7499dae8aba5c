/**
 * A person: a process that is in rooms, which are groups of `pg`, knows who else is there, and has its nick as a global name.
 *
 * Whoever learns from `pg` of somebody in a room says so to them, and everybody is monitored by everybody: so it shows at once
 * who comes, who goes, whose node is lost, and who is back when a cluster that has fallen apart is whole again.
 */
import { ArgumentError, type Pid, type Process, type Ref } from "@otp/core";
import { type CastResult, GenServer, type InitResult, noreply, ok, startLink, stopWith } from "@otp/genserver";

import { type Command, commandHelp, parse } from "./command.ts";
import { moderate } from "./moderator.ts";
import type { Screen } from "./screen.ts";
import { isWord, type Word } from "./word.ts";

/** What a person is told at the start. */
export interface PersonOptions {
  readonly nick: string;
  readonly rooms: readonly string[];
  readonly screen: Screen;
  readonly onQuit: () => void;
}

/** The person's local name. */
export const person = "person";
/** The scope of the rooms. */
const scope = "chat";

/** A room that this person is in. */
interface Room {
  readonly people: Map<Pid, { nick: string; readonly ref: Ref }>;
  /** Who was lost with the connection, and may come back. */
  readonly lost: Set<string>;
  readonly subscription: Ref;
  readonly office: Pid;
  /** The moderator's process, and nick as far as it is known. */
  owner: Pid | null;
  moderator: string;
  topic: string;
}

interface State {
  readonly options: PersonOptions;
  readonly rooms: Map<string, Room>;
  nick: string;
  /** Where what is said is said. */
  current: string | null;
}

type Typed = { readonly type: "line"; readonly text: string };

/** Somebody who chats; one per node. */
export class Person extends GenServer<State, { cast: Typed }, PersonOptions> {
  static startLink(self: Process, options: PersonOptions): Promise<Pid> {
    return startLink(self, Person, options, { name: person });
  }

  override async init(options: PersonOptions): Promise<InitResult<State>> {
    const { pg, global } = this.self.node;
    this.self.trapExit = true;
    pg.start(scope);
    await global.sync();
    if (!(await this.#take(options.nick))) {
      return stopWith(new ArgumentError(`somebody else is ${options.nick}; choose another --nick`));
    }
    const state: State = { options, rooms: new Map(), nick: options.nick, current: null };
    options.screen.news(`you are ${options.nick} on ${this.self.node.name}; /help tells what you can type`);
    for (const room of options.rooms) this.#join(state, room);
    return ok(state);
  }

  override handleCast({ text }: Typed, state: State): CastResult<State> {
    const command = parse(text);
    if (typeof command === "string") state.options.screen.news(command);
    else this.#obey(state, command);
    return noreply(state);
  }

  override async handleInfo(message: unknown, state: State): Promise<CastResult<State>> {
    if (!isWord(message)) return noreply(state);
    if (message.type === "EXIT" && message.reason !== "shutdown") return stopWith(message.reason, state);
    if (message.type === "global_name_conflict") await this.#rename(state);
    else this.#hear(state, message);
    return noreply(state);
  }

  #obey(state: State, command: Command): void {
    const { screen, onQuit } = state.options;
    const name = ("room" in command ? command.room : null) ?? state.current;
    const room = name === null ? undefined : state.rooms.get(name);
    if (command.type === "help") for (const line of commandHelp.split("\n")) screen.news(line);
    else if (command.type === "quit") onQuit();
    else if (command.type === "rooms") screen.news(`rooms: ${this.#roomList()}`);
    else if (command.type === "join") this.#join(state, command.room);
    else if (command.type === "msg") this.#tell(state, command);
    else if (name === null || room === undefined)
      screen.news(`you are not in ${name === null ? "a room; /join one" : `#${name}`}`);
    else if (command.type === "leave") this.#leave(state, name, room);
    else if (command.type === "who") screen.news(`#${name}: ${whoIn(state, room)}`);
    else if (command.type === "say")
      this.#toRoom(name, { type: "said", room: name, nick: state.nick, text: command.text });
    else if (command.text === "") screen.news(`topic of #${name}: ${room.topic}`);
    else if (room.owner === null) screen.news(`#${name} has no moderator at the moment`);
    else this.self.send<Word>(room.owner, { type: "propose", room: name, nick: state.nick, topic: command.text });
  }

  #join(state: State, name: string): void {
    const { self } = this;
    state.current = name;
    state.options.screen.prompt(`#${name}> `);
    if (state.rooms.has(name)) return;
    const { ref, members } = self.node.pg.monitor(self, scope, name);
    const office = self.spawnLink(moderate, name, self.pid);
    const room = { people: new Map(), lost: new Set<string>(), subscription: ref, office };
    state.rooms.set(name, { ...room, owner: null, moderator: "", topic: "" });
    self.node.pg.join(scope, name, self.pid);
    state.options.screen.news(`you are in #${name}`);
    for (const member of members) this.#greet(state, name, member);
  }

  #leave(state: State, name: string, room: Room): void {
    const { self } = this;
    this.#toRoom(name, { type: "bye", room: name, from: self.pid });
    self.node.pg.leave(scope, name, self.pid);
    self.node.pg.demonitor(room.subscription, scope);
    self.sendExit(room.office, "shutdown");
    for (const { ref } of room.people.values()) self.demonitor(ref, { flush: true });
    state.rooms.delete(name);
    state.current = [...state.rooms.keys()].at(-1) ?? null;
    state.options.screen.prompt(state.current === null ? "> " : `#${state.current}> `);
    state.options.screen.news(`you have left #${name}`);
  }

  #tell({ nick, options }: State, command: Command & { readonly type: "msg" }): void {
    const pid = this.self.node.global.whereisName(nameOf(command.nick));
    if (pid === undefined) options.screen.news(`nobody is ${command.nick}`);
    else this.self.send<Word>(pid, { type: "told", nick, text: command.text });
  }

  #hear(state: State, word: Word): void {
    const { screen } = state.options;
    if (word.type === "DOWN") this.#lose(state, word.ref, word.reason);
    if (word.type === "told") screen.said("[private]", word.nick, word.text);
    if (word.type === "join") for (const pid of word.pids) this.#greet(state, word.group, pid);
    if (word.type === "renamed") this.#learn(state, word.from, word.nick);
    const room = "room" in word ? state.rooms.get(word.room) : undefined;
    if (!("room" in word) || room === undefined) return;
    const where = `#${word.room}`;
    if (word.type === "said") screen.said(`[${where}]`, word.nick, word.text);
    else if (word.type === "here") this.#meet(state, room, word);
    else if (word.type === "office") this.#office(state, room, word);
    else if (word.type === "ask") this.self.send<Word>(word.from, topicOf(state, word.room, room));
    else if (word.type === "bye" && room.people.has(word.from)) {
      screen.news(`${this.#forget(room, word.from)} has left ${where}`);
    } else if (word.type === "propose") {
      room.topic = word.topic;
      screen.news(`topic of ${where}: ${word.topic} (by ${word.nick})`);
      this.#toRoom(word.room, topicOf(state, word.room, room));
    } else if (word.type === "topic") {
      if (word.moderator !== room.moderator) screen.news(`${word.moderator} moderates ${where}`);
      if (word.topic !== room.topic) screen.news(`topic of ${where}: ${word.topic}`);
      Object.assign(room, { moderator: word.moderator, topic: word.topic });
    }
  }

  /** Somebody is in a room where we are, and does not know it yet, or again. */
  #greet(state: State, room: string, pid: Pid): void {
    if (pid !== this.self.pid && state.rooms.has(room)) {
      this.self.send<Word>(pid, { type: "here", room, nick: state.nick, from: this.self.pid });
    }
  }

  #meet(state: State, room: Room, { from, nick, room: name }: Word & { readonly type: "here" }): void {
    if (room.people.has(from)) return;
    room.people.set(from, { nick, ref: this.self.monitor(from) });
    state.options.screen.news(`${nick} is ${room.lost.delete(nick) ? "back " : ""}in #${name}`);
  }

  #lose(state: State, ref: Ref, reason: unknown): void {
    for (const [name, room] of state.rooms) {
      const [pid] = [...room.people].find(([, one]) => one.ref === ref) ?? [];
      if (pid === undefined) continue;
      const nick = this.#forget(room, pid);
      const isLost = reason === "noconnection";
      if (isLost) room.lost.add(nick);
      state.options.screen.news(`${nick} has left #${name}${isLost ? ": node lost" : ""}`);
    }
  }

  #forget(room: Room, pid: Pid): string {
    const one = room.people.get(pid);
    room.people.delete(pid);
    if (one !== undefined) this.self.demonitor(one.ref, { flush: true });
    return one?.nick ?? "";
  }

  #learn(state: State, pid: Pid, nick: string): void {
    for (const [name, room] of state.rooms) {
      const one = room.people.get(pid);
      if (one === undefined) continue;
      state.options.screen.news(`${one.nick} is ${nick} in #${name} from now on`);
      if (room.moderator === one.nick) room.moderator = nick;
      one.nick = nick;
    }
  }

  #office(state: State, room: Room, { room: name, owner }: Word & { readonly type: "office" }): void {
    room.owner = owner;
    if (owner !== room.office) {
      this.self.send<Word>(owner, { type: "ask", room: name, from: this.self.pid });
      return;
    }
    room.moderator = state.nick;
    state.options.screen.news(`you moderate #${name}`);
  }

  /** Two parts of the cluster have met, and in the other one somebody has the same nick and may keep it. */
  async #rename(state: State): Promise<void> {
    const old = state.nick;
    for (let number = 2; ; number += 1) {
      state.nick = `${state.options.nick}-${number}`;
      if (await this.#take(state.nick)) break;
    }
    state.options.screen.news(`somebody else is ${old}: you are ${state.nick} from now on`);
    for (const [name, room] of state.rooms) {
      if (room.moderator === old) room.moderator = state.nick;
      this.#toRoom(name, { type: "renamed", nick: state.nick, from: this.self.pid });
    }
  }

  async #take(nick: string): Promise<boolean> {
    const { global } = this.self.node;
    return (await global.registerName(nameOf(nick), this.self.pid, global.randomNotifyName)) === "yes";
  }

  #toRoom(room: string, word: Word): void {
    for (const pid of this.self.node.pg.getMembers(scope, room)) if (pid !== this.self.pid) this.self.send(pid, word);
  }

  #roomList(): string {
    const { pg } = this.self.node;
    const groups = pg.whichGroups(scope).map(String).toSorted();
    return groups.map((room) => `#${room} (${pg.getMembers(scope, room).length})`).join(", ") || "none";
  }
}

const nameOf = (nick: string): string => `chat/person/${nick}`;

function topicOf(state: State, room: string, { topic }: Room): Word {
  return { type: "topic", room, moderator: state.nick, topic };
}

function whoIn({ nick }: State, { people, moderator }: Room): string {
  const nicks = [...people.values()].map((one) => one.nick);
  return [nick, ...nicks.toSorted()].map((one) => (one === moderator ? `${one}*` : one)).join(", ");
}
