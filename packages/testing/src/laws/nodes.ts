/** Connections: their epochs, and what is told of them. */
import { homeOf, isNode, type Law, only, perNode, Table } from "./reading.ts";
import type { TraceEvent } from "../simulation/trace.ts";

/** TR-1 NODE-12: a connection is there once at a time: it is lost before it is there again, and lost once. */
export const oneConnection: Law = (events) => {
  const up = new Set<string>();
  return only(events, "boot", "up", "lost").flatMap((event) => {
    if (event.kind === "boot") {
      for (const way of up) if (way.startsWith(`${event.node}>`)) up.delete(way);
      return [];
    }
    const way = `${event.node}>${event.peer}`;
    if (event.kind === "lost")
      return up.delete(way) ? [] : [`TR-1: ${event.node} lost ${event.peer}, to which it was not connected`];
    const isTwice = up.has(way);
    up.add(way);
    return isTwice ? [`TR-1: ${event.node} is connected to ${event.peer} a second time`] : [];
  });
};

/** D2 SIG-13: no signal of a connection counts after its loss, nor before it is there. */
export const nothingAfterLost: Law = (events) => {
  const up = new Set<string>();
  return only(events, "boot", "up", "lost", "in").flatMap((event) => {
    if (event.kind === "boot") {
      for (const way of up) if (way.startsWith(`${event.node}>`)) up.delete(way);
      return [];
    }
    const way = `${event.node}>${event.peer}`;
    if (event.kind === "up") up.add(way);
    else if (event.kind === "lost") up.delete(way);
    else if (!up.has(way))
      return [`D2: ${event.op} of ${event.from} came to ${event.node} outside of any connection to ${event.peer}`];
    return [];
  });
};

/** D2 MON-12 LINK-11 NODE-12: when a connection is lost, every monitor and link over it yields `noconnection` at once. */
export const lossIsTold: Law = (events) =>
  [...perNode(events)].flatMap(([node, own]) =>
    own.flatMap((event, at) => (event.kind === "lost" ? untold(own, at, node) : [])),
  );

function untold(own: readonly TraceEvent[], at: number, node: string): string[] {
  const lost = own[at];
  if (lost?.kind !== "lost") return [];
  const { peer } = lost;
  const open = new Map<string, string>();
  const ended = new Set<string>();
  for (const event of own.slice(0, at)) {
    if (event.kind === "boot") open.clear();
    else if (event.kind === "monitor" && isOn(event.object, peer)) open.set(`${event.pid} ${event.ref}`, event.object);
    else if (event.kind === "demonitor") open.delete(`${event.pid} ${event.ref}`);
    // The reply has ended it, without a word (ALIAS-7).
    else if (event.kind === "alias" && event.mode === "replyDemonitor") open.delete(`${event.pid} ${event.ref}`);
    else if (event.kind === "down") open.delete(`${event.to} ${event.ref}`);
    else if (event.kind === "exit") ended.add(event.pid);
  }
  for (const event of own.slice(at + 1)) {
    if (event.kind === "exit") ended.add(event.pid);
    if (event.kind === "down") open.delete(`${event.to} ${event.ref}`);
    // All of it is told before anything else can happen between the two nodes.
    if ((event.kind === "up" || event.kind === "in") && event.peer === peer) break;
    if (event.kind === "turn" || event.kind === "boot") break;
  }
  return [...open].flatMap(([key, object]) => {
    const [pid = ""] = key.split(" ");
    return ended.has(pid)
      ? []
      : [`D2: ${pid} was not told that ${object} is gone with the connection of ${node} to ${peer}`];
  });
}

/** NODE-10 NODE-11 NODE-12: a subscriber hears of nodes that come and go in turn, never of a coming or a going twice. */
export const comeAndGo: Law = (events) => {
  const seen = new Map<string, string>();
  // Each `monitorNode` (NODE-9) is one going more.
  const extra = new Table(() => 0);
  return only(events, "boot", "nodewatch", "deliver").flatMap((event) => {
    if (event.kind === "boot") {
      for (const key of seen.keys()) if (key.startsWith(`${event.node} `)) seen.delete(key);
      return [];
    }
    if (event.kind === "nodewatch") {
      // Whoever has subscribed several times hears as often.
      const key = `${event.node} ${event.pid} ${event.peer}`;
      extra.set(key, extra.need(key) + 1);
      return [];
    }
    const [type = "", peer = ""] = event.about?.split(" ") ?? [];
    if (type !== "nodeup" && type !== "nodedown") return [];
    const key = `${event.node} ${event.to} ${peer}`;
    const before = seen.get(key);
    seen.set(key, type);
    if (before !== type || extra.need(`${event.node} ${event.to} *`) > 1) return [];
    if (type === "nodedown" && extra.need(key) > 0) {
      extra.set(key, extra.need(key) - 1);
      return [];
    }
    return [`NODE-10: ${event.to} got ${type} of ${peer} twice`];
  });
};

/** NODE-12: what a lost connection ends is told before the `nodedown`. */
export const downBeforeNodedown: Law = (events) =>
  [...perNode(events).values()].flatMap((own) => {
    const open = new Map<string, Tie>();
    return own.flatMap((event) => {
      noteTie(open, event);
      if (event.kind !== "deliver" || event.about?.startsWith("nodedown ") !== true) return [];
      const peer = event.about.slice("nodedown ".length);
      const late = [...open].filter(([, { pid, object }]) => pid === event.to && isOn(object, peer));
      for (const [key] of late) open.delete(key);
      return late.map(([, { object }]) => `NODE-12: ${event.to} got nodedown of ${peer} before the end of ${object}`);
    });
  });

interface Tie {
  readonly pid: string;
  readonly object: string;
}

function noteTie(open: Map<string, Tie>, event: TraceEvent): void {
  switch (event.kind) {
    case "boot":
      open.clear();
      return;
    case "exit":
      for (const [key, { pid }] of open) if (pid === event.pid) open.delete(key);
      return;
    case "monitor":
      open.set(`${event.pid} ${event.ref}`, { pid: event.pid, object: event.object });
      return;
    case "link":
      open.set(`${event.pid} - ${event.other}`, { pid: event.pid, object: event.other });
      return;
    case "unlink":
      open.delete(`${event.pid} - ${event.other}`);
      return;
    case "linkEnded":
      open.delete(`${event.pid} - ${event.other}`);
      return;
    case "demonitor":
      open.delete(`${event.pid} ${event.ref}`);
      return;
    case "down":
      open.delete(`${event.to} ${event.ref}`);
      return;
    case "signal":
      if (event.isFromLink) open.delete(`${event.to} - ${event.from}`);
      return;
    default:
      return;
  }
}

/** NODE-17 TR-5: each life of a node under one name has an incarnation of its own. */
export const incarnations: Law = (events) => {
  const seen = new Set<string>();
  return only(events, "boot").flatMap(({ node, creation }) => {
    const key = `${node} ${String(creation)}`;
    const isAgain = seen.has(key);
    seen.add(key);
    return isAgain ? [`NODE-17: ${node} has lived as incarnation ${String(creation)} before`] : [];
  });
};

/** Whether what is monitored is on that node. */
function isOn(object: string, peer: string): boolean {
  return object.startsWith("{") ? object.includes(`node: '${peer}'`) : isNode(homeOf(object), peer);
}
