/**
 * Names that the node itself answers to, so that nodes can talk to each other about connections, global names and groups.
 *
 * In Erlang processes stand behind them (`net_kernel`, `global_name_server`); here they are plain functions, called for
 * each message in the order in which the channel delivers it. A process that registers such a name is reached by it on its own
 * node only. What they say to each other stands in `docs/services.md`.
 */

/** Handles one message from `peer`; it must check what it gets, and not throw. */
export type SystemHandler = (peer: string, message: unknown) => void;

/** The system names of one node. */
export class SystemNames {
  readonly #handlers = new Map<string, SystemHandler>();

  /** Answers to `name` from now on. */
  set(name: SystemName, handler: SystemHandler): void {
    this.#handlers.set(name, handler);
  }

  get(name: string): SystemHandler | undefined {
    return this.#handlers.get(name);
  }
}

/** The names in use; `$` keeps them apart from those of processes. */
export type SystemName = "$net" | "$global" | "$overlaps" | "$pg" | "$log";
