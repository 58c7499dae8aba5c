/** What the nodes of a cluster agree on when nothing is under way: global names and process groups. */
import { homeOf, isNode, type Law, type Of, only, settledPart, Table } from "./reading.ts";
import { restOf } from "./links.ts";

/** GLOBAL-4 GLOBAL-5: nodes that are connected know the same owner of each name. */
export const oneOwner: Law = (events) => {
  const rest = restOf(events);
  return pairsOf(rest).flatMap(([one, other]) => {
    const names = owners(rest, one);
    const theirs = owners(rest, other);
    return [...names].flatMap(([name, owner]) =>
      theirs.get(name) === owner
        ? []
        : [
            `GLOBAL-4: ${one} has ${owner} for ${name}, ${other} has ${theirs.get(name) ?? "nobody"}, and they are connected`,
          ],
    );
  });
};

/** GLOBAL-2: at rest, the owner of a global name lives on a node that is connected. */
export const ownersLive: Law = (events) => {
  const rest = restOf(events);
  const told = [...new Set(rest.map(({ node }) => node))];
  const alive = new Set(rest.filter(({ what }) => what === "process").map(({ who }) => who));
  return rest.flatMap(({ node, what, who, whom }) => {
    const isTold = told.some((other) => isNode(other, homeOf(whom)));
    return what === "global" && isTold && !alive.has(whom)
      ? [`GLOBAL-2: ${node} has ${whom} for ${who}, which has ended`]
      : [];
  });
};

/** GLOBAL-1 GLOBAL-4: whoever asks for a global name, or gives one up, gets an answer in the end. */
export const registrationsEnd: Law = (events) => {
  const open = new Map<string, Of<"asking">>();
  for (const event of only(settledPart(events), "boot", "asking", "asked")) {
    if (event.kind === "boot") {
      for (const key of open.keys()) if (key.startsWith(`${event.node} `)) open.delete(key);
    } else if (event.kind === "asking") open.set(`${event.node} ${String(event.id)}`, event);
    else open.delete(`${event.node} ${String(event.id)}`);
  }
  return [...open.values()].map(({ node, op, name }) => `GLOBAL-1: ${op} of ${name} on ${node} was never answered`);
};

/** PG-3 PG-4: at rest, connected nodes have the same members of each group, and all of them live. */
export const groupsAgree: Law = (events) => {
  const rest = restOf(events);
  const told = [...new Set(rest.map(({ node }) => node))];
  const alive = new Set(rest.filter(({ what }) => what === "process").map(({ who }) => who));
  const dead = rest.flatMap(({ node, what, who, whom }) => {
    const isTold = told.some((other) => isNode(other, homeOf(whom)));
    return what === "group" && isTold && !alive.has(whom)
      ? [`PG-3: ${whom} has ended and ${node} has it in ${who}`]
      : [];
  });
  const unequal = pairsOf(rest).flatMap(([one, other]) => {
    const theirs = members(rest, other);
    return [...members(rest, one)].flatMap(([group, list]) => {
      const seen = (theirs.get(group) ?? []).join(", ");
      return seen === list.join(", ")
        ? []
        : [`PG-4: ${one} has ${list.join(", ")} in ${group}, ${other} has ${seen || "nobody"}`];
    });
  });
  return [...dead, ...unequal];
};

type Rest = readonly Of<"rest">[];

/** Pairs of nodes that told what they hold and are connected, both ways round. */
function pairsOf(rest: Rest): (readonly [string, string])[] {
  const told = [...new Set(rest.map(({ node }) => node))];
  return rest.flatMap(({ node, what, whom }) => {
    const other = told.find((one) => isNode(one, whom));
    return what === "peer" && other !== undefined ? [[node, other] as const] : [];
  });
}

function owners(rest: Rest, node: string): Map<string, string> {
  return new Map(
    rest.filter((entry) => entry.node === node && entry.what === "global").map(({ who, whom }) => [who, whom]),
  );
}

function members(rest: Rest, node: string): Table<string[]> {
  const groups = new Table<string[]>(() => []);
  for (const entry of rest) if (entry.node === node && entry.what === "group") groups.need(entry.who).push(entry.whom);
  return groups;
}
