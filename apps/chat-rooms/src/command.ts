/** What can be typed. */

/** A line, understood. */
export type Command =
  | { readonly type: "say"; readonly text: string }
  | { readonly type: "join"; readonly room: string }
  | { readonly type: "leave"; readonly room: string | null }
  | { readonly type: "who"; readonly room: string | null }
  | { readonly type: "topic"; readonly text: string }
  | { readonly type: "msg"; readonly nick: string; readonly text: string }
  | { readonly type: "rooms" }
  | { readonly type: "help" }
  | { readonly type: "quit" };

/** The commands in words. */
export const commandHelp = `  /join ROOM       enter a room, or go back to one that you are in
  /leave [ROOM]    leave it, by default the one that you are talking in
  /who [ROOM]      who is there; * is the moderator
  /rooms           all rooms, with how many people are in them
  /topic [TEXT]    ask the moderator to set the topic, or read it
  /msg NICK TEXT   tell somebody something in private
  /help            this
  /quit            go
  anything else    is said in the room that you have joined last`;

const named = /^[\p{L}\p{N}_-]{1,32}$/u;

/** Whether something can be the name of a room or a person. */
export function isName(text: string): boolean {
  return named.test(text);
}

/** Understands a line; a text says what is wrong with it. */
export function parse(line: string): Command | string {
  const [, verb, rest = ""] = /^\/(\S*)\s*(.*)$/su.exec(line.trim()) ?? [];
  if (verb === undefined) return { type: "say", text: line.trim() };
  const [first = "", text = ""] = rest.split(/\s+(.*)/su, 2);
  const room = first.replace(/^#/u, "");
  switch (verb) {
    case "join":
      return isName(room) ? { type: "join", room } : "expected a room of letters, digits, _ and -, such as /join lobby";
    case "leave":
    case "who":
      return { type: verb, room: room === "" ? null : room };
    case "topic":
      return { type: "topic", text: rest };
    case "msg":
      return text === ""
        ? "expected somebody and something to say, such as /msg bob hello"
        : { type: "msg", nick: first, text };
    case "rooms":
    case "help":
    case "quit":
      return { type: verb };
    default:
      return `there is no /${verb}; /help tells what there is`;
  }
}
