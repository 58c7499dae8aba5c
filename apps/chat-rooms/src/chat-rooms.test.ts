import { PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";

import { memoryHub, Node } from "@otp/core";
import { cast, start, StartError, stop } from "@otp/genserver";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";

import { isName, parse } from "./command.ts";
import { Person } from "./person.ts";
import { type EditedLine, Screen } from "./screen.ts";
import { isWord } from "./word.ts";

const patience = { timeout: 120_000 };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(1);
}

/** A cluster in memory, and people who enter it. */
function world() {
  const hub = memoryHub();
  const people: Node[] = [];
  return async (nick: string, ...rooms: readonly string[]) => {
    const logger = pino({ level: "silent" });
    const node = await Node.start({ name: `${nick}@host`, cookie: "chat", transport: hub.transport(), logger });
    onTestFinished(() => node.stop());
    for (const other of people) await node.connect(other.name);
    people.push(node);
    const seen: string[] = [];
    const target = new PassThrough().on("data", (piece: Buffer) => seen.push(...piece.toString().trim().split("\n")));
    const options = { nick, rooms, screen: new Screen(target, false), onQuit: () => seen.push("quits") };
    const pid = await start(node, Person, options, { name: "person" });
    return {
      node,
      seen,
      type: (text: string) => cast(node, pid, { type: "line", text }),
      go: () => stop(node, pid, "shutdown"),
      /** Waits for a line, which is then forgotten. */
      async sees(line: string | RegExp): Promise<void> {
        const at = () => seen.findIndex((one) => (typeof line === "string" ? one === line : line.test(one)));
        await until(() => at() >= 0);
        seen.splice(at(), 1);
      },
    };
  };
}

describe("a line", () => {
  it.each([
    ["hello", { type: "say", text: "hello" }],
    ["/join #lobby", { type: "join", room: "lobby" }],
    ["/leave", { type: "leave", room: null }],
    ["/who dev", { type: "who", room: "dev" }],
    ["/topic tea  and cake", { type: "topic", text: "tea  and cake" }],
    ["/msg bob how are you", { type: "msg", nick: "bob", text: "how are you" }],
    [" /rooms ", { type: "rooms" }],
    ["/quit", { type: "quit" }],
  ])("%s is understood", (line, command) => {
    expect(parse(line)).toEqual(command);
  });

  it.each(["/join", "/join a!", "/msg bob", "/nonsense", "/"])("%s is refused with a word why", (line) => {
    expect(parse(line)).toEqual(expect.any(String));
  });

  it("names rooms and people by letters of any alphabet", () => {
    expect(["Käse", "a_b-1", "日本"].every(isName)).toBe(true);
    expect(["", "a b", "\u001B[2J", "x".repeat(33)].some(isName)).toBe(false);
  });
});

describe("people", patience, () => {
  it("see each other come and go, and hear what is said where they are", async () => {
    const enter = world();
    const ann = await enter("ann", "lobby", "dev");
    const bob = await enter("bob", "lobby");
    await ann.sees("* bob is in #lobby");
    await bob.sees("* ann moderates #lobby");
    bob.type("hello \u001B[2Jthere");
    ann.type("nobody is here");
    ann.type("/join lobby");
    ann.type("hi");
    await ann.sees("[#lobby] bob: hello  [2Jthere");
    await bob.sees("[#lobby] ann: hi");
    expect(bob.seen).not.toContain("[#dev] ann: nobody is here");
    ann.type("/who");
    await ann.sees("* #lobby: ann*, bob");
    bob.type("/leave");
    await ann.sees("* bob has left #lobby");
    bob.type("is anybody there");
    await bob.sees("* you are not in a room; /join one");
    bob.type("/rooms");
    await bob.sees("* rooms: #dev (1), #lobby (1)");
    bob.type("/join lobby");
    await ann.sees("* bob is in #lobby");
    bob.type("/quit");
    await bob.sees("quits");
    await bob.go();
    await ann.sees("* bob has left #lobby");
  });

  it("GLOBAL-4 have one nick each, by which they can be told things", async () => {
    const enter = world();
    const ann = await enter("ann", "lobby");
    const bob = await enter("bob");
    bob.type("/msg ann psst");
    await ann.sees("[private] bob: psst");
    bob.type("/msg carl psst");
    await bob.sees("* nobody is carl");
    const screen = new Screen(new PassThrough(), false);
    const second = start(bob.node, Person, { nick: "ann", rooms: [], screen, onQuit: () => undefined });
    await expect(second).rejects.toThrow(StartError);
    await expect(second).rejects.toThrow(/somebody else is ann/u);
  });

  it("GLOBAL-2 have one moderator in a room, who keeps its topic, and another one when that is gone", async () => {
    const enter = world();
    const ann = await enter("ann", "lobby");
    await ann.sees("* you moderate #lobby");
    const bob = await enter("bob", "lobby");
    await bob.sees("* ann moderates #lobby");
    bob.type("/topic tea");
    await ann.sees("* topic of #lobby: tea (by bob)");
    await bob.sees("* topic of #lobby: tea");
    const carl = await enter("carl", "lobby");
    await carl.sees("* topic of #lobby: tea");
    await ann.node.stop();
    await bob.sees("* ann has left #lobby: node lost");
    await carl.sees("* ann has left #lobby: node lost");
    const moderates = () => [bob, carl].filter(({ seen }) => seen.includes("* you moderate #lobby"));
    await until(() => moderates().length === 1);
    const other = moderates()[0] === bob ? carl : bob;
    other.type("/topic");
    await other.sees("* topic of #lobby: tea");
  });

  it("NODE-12 GLOBAL-5 see whose node is lost, and who is back, with other nicks where two had one", async () => {
    const enter = world();
    const ann = await enter("ann", "lobby");
    const bob = await enter("bob", "lobby");
    await ann.sees("* bob is in #lobby");
    await bob.sees("* ann moderates #lobby");
    await ann.node.disconnect(bob.node.name);
    await ann.sees("* bob has left #lobby: node lost");
    await bob.sees("* ann has left #lobby: node lost");
    await bob.sees("* you moderate #lobby");
    const screen = new Screen(new PassThrough(), false);
    // In the part where ann is missing her nick is free.
    const twin = { nick: "ann", rooms: ["lobby"], screen, onQuit: () => undefined };
    const pid = await start(bob.node, Person, twin, { name: "twin" });
    await bob.sees("* ann is back in #lobby");
    await ann.node.connect(bob.node.name);
    await ann.sees("* bob is back in #lobby");
    // The twin has told its first name before it lost it, or not.
    await ann.sees(/^\* (?:ann is ann-2 in #lobby from now on|ann-2 is in #lobby)$/u);
    await bob.sees("* ann is ann-2 in #lobby from now on");
    await bob.sees("* ann moderates #lobby");
    expect(bob.node.global.whereisName("chat/person/ann-2")).toBe(pid);
  });
});

describe("the screen", () => {
  it("prints above the line that is being typed, and draws that anew", () => {
    let text = "";
    const target = new PassThrough().on("data", (piece: Buffer) => (text += piece.toString()));
    const screen = new Screen(target, true);
    const drawn: string[] = [];
    const line: EditedLine = {
      getCursorPos: () => ({ rows: 1 }),
      setPrompt: (prompt) => drawn.push(prompt),
      prompt: () => drawn.push("line"),
    };
    screen.edit(line);
    screen.said("[#a]", "bob", "x");
    expect(drawn).toEqual(["> ", "line", "line"]);
    expect(text).toBe("\u001B[1A\u001B[1G\u001B[0J\u001B[36m[#a] bob:\u001B[39m x\n");
  });
});

describe("a message", () => {
  it("is heard only when it is one of ours, whoever sent it", () => {
    expect(isWord({ type: "told", nick: "a", text: "b" })).toBe(true);
    for (const other of [
      null,
      "told",
      { type: "told" },
      { type: "told", nick: 1, text: "b" },
      { type: "toString" },
      { type: "here", room: "a", nick: "b", from: "c" },
    ]) {
      expect(isWord(other)).toBe(false);
    }
  });
});
