/** What a node may be called (NODE-19). */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";

/** The name of a node that is not distributed (NODE-1). */
export const noNode = "nonode@nohost";

/** Whether names of the cluster are `short@host` or `long@fully.qualified.host`; the two kinds do not mix. */
export type NameKind = "short" | "long";

const shape = /^[\w+\-.=~]{1,100}@[\w\-.:]{1,150}$/u;

/** Whether `name` has the shape of a node's name. */
export function isNodeName(name: unknown): name is string {
  return typeof name === "string" && shape.test(name) && name.length <= 255;
}

/** The kind of a legal name: a host with a dot, or an address, makes it a long one. */
export function kindOf(name: string): NameKind {
  return /@.*[.:]/u.test(name) ? "long" : "short";
}

/** @throws ArgumentError for an illegal name. */
export function checkNodeName(name: unknown): string {
  if (isNodeName(name)) return name;
  throw new ArgumentError(
    `invalid node name: expected name@host with one @, letters, digits and _+-.=~ before it and a host behind it. Got: ${show(name)}`,
  );
}

/** Why a node called `own` can never reach one that is called `node`, if that is so. */
export function faultOf(node: string, own: string): string | undefined {
  if (!isNodeName(node)) return `${show(node)} cannot be reached: it is no name of a node, such as two@localhost`;
  if (kindOf(node) === kindOf(own)) return undefined;
  return `${node} cannot be reached from ${own}: short and fully qualified host names do not mix`;
}
