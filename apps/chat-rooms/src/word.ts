/** What people and moderators say to each other, and what the system tells them. */
import { Pid, type Ref } from "@otp/core";

/** A message to a person. */
export type Word =
  /** Somebody is in the room, and answers who says so, or is back. */
  | { readonly type: "here"; readonly room: string; readonly nick: string; readonly from: Pid }
  | { readonly type: "said"; readonly room: string; readonly nick: string; readonly text: string }
  | { readonly type: "told"; readonly nick: string; readonly text: string }
  | { readonly type: "bye"; readonly room: string; readonly from: Pid }
  | { readonly type: "renamed"; readonly nick: string; readonly from: Pid }
  /** To the moderator, who answers with the topic. */
  | { readonly type: "ask"; readonly room: string; readonly from: Pid }
  | { readonly type: "propose"; readonly room: string; readonly nick: string; readonly topic: string }
  | { readonly type: "topic"; readonly room: string; readonly moderator: string; readonly topic: string }
  /** From the own moderator process: who moderates from now on. */
  | { readonly type: "office"; readonly room: string; readonly owner: Pid }
  | { readonly type: "join"; readonly group: string; readonly pids: readonly Pid[] }
  | { readonly type: "DOWN"; readonly ref: Ref; readonly reason: unknown }
  | { readonly type: "EXIT"; readonly reason: unknown }
  | { readonly type: "global_name_conflict" };

const isText = (value: unknown): boolean => typeof value === "string";
const isPid = (value: unknown): boolean => value instanceof Pid;
const isPids = (value: unknown): boolean => Array.isArray(value) && value.every(isPid);
const isAnything = (): boolean => true;

const shapes: Readonly<Record<Word["type"], Readonly<Record<string, (value: unknown) => boolean>>>> = {
  here: { room: isText, nick: isText, from: isPid },
  said: { room: isText, nick: isText, text: isText },
  told: { nick: isText, text: isText },
  bye: { room: isText, from: isPid },
  renamed: { nick: isText, from: isPid },
  ask: { room: isText, from: isPid },
  propose: { room: isText, nick: isText, topic: isText },
  topic: { room: isText, moderator: isText, topic: isText },
  office: { room: isText, owner: isPid },
  join: { group: isText, pids: isPids },
  DOWN: { ref: isAnything, reason: isAnything },
  EXIT: { reason: isAnything },
  global_name_conflict: {},
};

/** Whether a message, which may come from anywhere in the cluster, is one of them. */
export function isWord(message: unknown): message is Word {
  if (typeof message !== "object" || message === null || !("type" in message)) return false;
  const { type } = message;
  if (typeof type !== "string" || !Object.hasOwn(shapes, type)) return false;
  const fields = Object.entries(shapes[type as Word["type"]]);
  return fields.every(([field, isRight]) => isRight(Reflect.get(message, field)));
}
