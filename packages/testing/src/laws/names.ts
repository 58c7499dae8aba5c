/** Names on one node. */
import { type Law, Living, perNode } from "./reading.ts";
import { restOf } from "./links.ts";

/** K7 SIG-10 NAME-5: a name has one owner, and is free before anybody on its node hears of its owner's end. */
export const namesFree: Law = (events) => {
  const owners = new Map<string, string>();
  const found: string[] = [];
  for (const event of events) {
    if (event.kind === "boot") {
      for (const key of owners.keys()) if (key.startsWith(`${event.node} `)) owners.delete(key);
    } else if (event.kind === "register") {
      const key = `${event.node} ${event.name}`;
      const before = owners.get(key);
      if (before !== undefined) found.push(`K7: ${event.name} went to ${event.pid} while ${before} had it`);
      owners.set(key, event.pid);
    } else if (event.kind === "release") owners.delete(`${event.node} ${event.name}`);
    else if (
      event.kind === "down" &&
      [...owners].some(([key, owner]) => owner === event.object && key.startsWith(`${event.node} `)) &&
      !event.reason.includes("noconnection")
    ) {
      found.push(`K7: ${event.object} had a name when ${event.to} heard of its end`);
    }
  }
  return found;
};

/** NAME-1 PROC-7: only a living process gets a name. */
export const namesOfTheLiving: Law = (events) =>
  [...perNode(events).values()].flatMap((own) => {
    const living = new Living();
    return own.flatMap((event) => {
      living.see(event);
      if (event.kind !== "register" || living.reasonOf(event.pid) === undefined) return [];
      return [`NAME-1: ${event.name} went to ${event.pid}, which has ended`];
    });
  });

/** NAME-3: a lookup gives the process that has the name at that moment, and nobody where nobody has it. */
export const lookupsAreTrue: Law = (events) =>
  [...perNode(events).values()].flatMap((own) => {
    const owners = new Map<string, string>();
    return own.flatMap((event) => {
      if (event.kind === "boot") owners.clear();
      else if (event.kind === "register") owners.set(event.name, event.pid);
      else if (event.kind === "release") owners.delete(event.name);
      else if (event.kind === "lookup") {
        const owner = owners.get(event.name);
        // Names that are older than the record are not known.
        if (owner === undefined || owner === event.pid) return [];
        return [`NAME-3: a lookup of ${event.name} gave ${event.pid}, and ${owner} has it`];
      }
      return [];
    });
  });

/** EXIT-15: at rest, whoever has a name, a link or a monitor lives. */
export const onlyTheLivingOwn: Law = (events) => {
  const rest = restOf(events);
  const alive = new Set(rest.filter(({ what }) => what === "process").map(({ node, who }) => `${node} ${who}`));
  return rest.flatMap(({ node, what, who, whom }) => {
    if (what === "name" && !alive.has(`${node} ${whom}`))
      return [`EXIT-15: ${whom} has ended and still has the name ${who}`];
    if ((what === "link" || what === "monitor") && !alive.has(`${node} ${who}`)) {
      return [`EXIT-15: ${who} has ended and still has a ${what} with ${whom}`];
    }
    return [];
  });
};

/** K4 K6 T1: at rest, the tables of a node agree with each other. */
export const tablesAgree: Law = (events) =>
  restOf(events).flatMap(({ node, what, who, whom }) => (what === "broken" ? [`${who}: ${whom} on ${node}`] : []));
