/**
 * The door for shells of other nodes: a node has none until it is given one. What a visitor types is evaluated here, printed
 * there, and logged here, with who it was and from which node.
 */
import { ArgumentError, type Node, type Pid, type Process } from "@otp/core";

import type { Access } from "./remote-messages.ts";
import { door, isQuestion, type Question } from "./visit.ts";

export type { Access } from "./remote-messages.ts";

/** Whom a node lets in, and for what. */
export interface AcceptOptions {
  /** `inspect`: they can look and not touch. `full`: they can do anything that the program can. */
  readonly access: Access;
  /** Which nodes may send visitors; all that have the cookie by default. */
  readonly allow?: (node: string) => boolean;
}

/**
 * Lets shells attach to `node` by `otp --remsh`, until the process that it gives has ended.
 *
 * @throws ArgumentError for an access that is none, or when the node has a door already.
 *
 * @example
 * import { Node } from "@otp/core";
 * import { acceptShells } from "@otp/shell/accept";
 *
 * const node = await Node.start();
 * acceptShells(node, { access: "inspect" });
 * await node.stop();
 */
export function acceptShells(node: Node, { access, allow = () => true }: AcceptOptions): Pid<never> {
  if (access !== "full" && access !== "inspect") {
    throw new ArgumentError(`expected access to be "full" or "inspect". Got: ${String(access)}`);
  }
  const keeper = node.spawn(async (self: Process) => {
    self.label = "door for shells";
    for (;;) {
      // One after the other, as they come.
      const asked = await self.receive();
      if (isQuestion(asked)) self.send(asked.from, { ref: asked.ref, answer: judge(asked, { access, allow }) });
    }
  });
  node.register(door, keeper);
  return keeper;
}

function judge({ peer, access }: Question, options: Required<AcceptOptions>): string {
  if (!options.allow(peer)) return `it lets no shells of ${peer} in`;
  return access === "full" && options.access === "inspect" ? "it lets shells look and not touch: add --inspect" : "";
}
