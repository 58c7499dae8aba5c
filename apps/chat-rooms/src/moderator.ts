/**
 * The moderator of a room: of all the people in it, the one whose moderator process has the room's global name.
 *
 * Everybody who joins has such a process; those without the name wait for the end of the one that has it. What goes through
 * the moderator, as the topic does, has one order for all. When two parts of a cluster meet, one of two moderators is told that
 * it is none any more (`randomNotifyName`), and waits like the others.
 */
import type { Pid, Process } from "@otp/core";

import type { Word } from "./word.ts";

const conflict = "global_name_conflict";
/** How long to wait for a name to become known that was refused to us. */
const retryMs = 50;

/** Moderates a room, or waits to; what the moderator is sent goes to its person. */
export async function moderate(self: Process, room: string, person: Pid): Promise<void> {
  const { global } = self.node;
  const name = `chat/room/${room}`;
  for (;;) {
    await global.registerName(name, self.pid, global.randomNotifyName);
    const owner = global.whereisName(name);
    if (owner === undefined) {
      await self.sleep(retryMs);
      continue;
    }
    self.send<Word>(person, { type: "office", room, owner });
    if (owner === self.pid) await serve(self, person);
    else await self.receive({ type: "DOWN", ref: self.monitor(owner) });
  }
}

async function serve(self: Process, person: Pid): Promise<void> {
  for (;;) {
    const message = await self.receive();
    if (typeof message === "object" && message !== null && "type" in message && message.type === conflict) return;
    self.send(person, message);
  }
}
