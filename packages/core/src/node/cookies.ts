/** The cookies of a node: its own, and those it has been told to use towards single peers (NODE-7). */
import { ExitError } from "../base/errors.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { checkCookie, findCookie } from "./cookie.ts";
import { noNode } from "./names.ts";

/** A node of its own has no cookie and reads no file; one is found when the node becomes distributed. */
export class Cookies {
  readonly #runtime: Runtime;
  #node = noNode;
  #own: string | undefined;
  readonly #byPeer = new Map<string, string>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The node is called `node` from now on; finds its cookie. @throws CookieError when there is none to be had. */
  open(node: string, option: string | undefined): void {
    this.#own = findCookie({
      option,
      environment: process.env,
      randomBytes: (length) => this.#runtime.randomBytes(length),
    });
    this.#node = node;
  }

  /** The node is on its own again. */
  close(): void {
    this.#node = noNode;
    this.#own = undefined;
    this.#byPeer.clear();
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
}
