/** The cookies of a node: its own, and those it has been told to use towards single peers (NODE-7). */
import { ExitError } from "../base/errors.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { checkCookie, findCookie } from "./cookie.ts";
import { noNode } from "./names.ts";

/** Finds the own cookie when it is first needed, so that a node of its own reads no file. */
export class Cookies {
  readonly #node: string;
  readonly #runtime: Runtime;
  #own: string | undefined;
  readonly #byPeer = new Map<string, string>();

  constructor(node: string, option: string | undefined, runtime: Runtime) {
    this.#node = node;
    this.#runtime = runtime;
    if (option !== undefined || node !== noNode) this.#own = this.#find(option);
  }

  /** The cookie towards `peer`; `"nocookie"` on a node that is not distributed. */
  get(peer?: string): string {
    const special = peer === undefined ? undefined : this.#byPeer.get(peer);
    return special ?? this.#own ?? "nocookie";
  }

  /** Changes one. A later change of the own does not touch those of peers. */
  set(cookie: string, peer?: string): true {
    if (this.#node === noNode) throw new ExitError("notalive", "the node name is not part of a distributed system");
    const checked = checkCookie(cookie, "the cookie");
    if (peer === undefined || peer === this.#node) this.#own = checked;
    else this.#byPeer.set(peer, checked);
    return true;
  }

  #find(option: string | undefined): string {
    return findCookie({
      option,
      environment: process.env,
      randomBytes: (length) => this.#runtime.randomBytes(length),
    });
  }
}
