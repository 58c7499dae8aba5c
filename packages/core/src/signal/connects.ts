/** Which signals may make a connection (NODE-3), and which are about something that ended with the last one. */
import type { Signal } from "./signal.ts";

/** True for signals that begin something. */
export const connects: { readonly [Op in Signal["op"]]: boolean } = {
  send: true,
  sendName: true,
  sendAlias: true,
  call: true,
  exit: true,
  link: true,
  monitor: true,
  groupLeader: true,
  spawnRequest: true,
  spawnReply: false,
  linkExit: false,
  unlink: false,
  unlinkAck: false,
  demonitor: false,
  down: false,
};
