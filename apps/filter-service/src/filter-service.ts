/**
 * FilterService: filters collections for whoever asks, on whichever node it runs.
 *
 * It is registered under a global name, so that it can be used from every node of the cluster. A request is a cast with
 * the asker's pid; the answer is a message. A predicate that fails costs its asker an answer that says so, and nobody else
 * anything.
 */
import type { Pid, Process, RemoteFunction } from "@otp/core";
import {
  cast,
  type CastResult,
  GenServer,
  globalName,
  type GlobalServer,
  type InitResult,
  noreply,
  ok,
  startLink,
  type StartOptions,
} from "@otp/genserver";

/** A predicate over the items of one collection, written as a method, since the service does not know their type. */
export type FilterPredicate = RemoteFunction<{ accepts(item: unknown): boolean }["accepts"]>;

/** What the service answers. */
export type FilterResult =
  | { readonly type: "filter_results"; readonly results: readonly unknown[] }
  | { readonly type: "filter_failed"; readonly reason: unknown };

/** What the service can be asked for. */
export interface FilterProtocol {
  cast: {
    readonly type: "filter";
    readonly collection: readonly unknown[];
    readonly predicate: FilterPredicate;
    readonly sender: Pid<FilterResult>;
  };
}

/** How much the service has done. */
interface State {
  readonly requests: number;
}

/** The service's name in the whole cluster. */
export const serviceName = "FilterService";

/** The service; one per cluster. */
export class FilterService extends GenServer<State, FilterProtocol> {
  static readonly global: GlobalServer<typeof FilterService> = globalName<typeof FilterService>(serviceName);

  static startLink(self: Process, options?: StartOptions): Promise<Pid> {
    return startLink(self, FilterService, undefined, { name: FilterService.global, ...options });
  }

  /** Asks the service, or one that is known, for the items that the predicate accepts; a `FilterResult` comes as a message. */
  static filter<Item>(
    self: Process,
    collection: readonly Item[],
    predicate: RemoteFunction<(item: Item) => boolean>,
    service: Pid | GlobalServer<typeof FilterService> = FilterService.global,
  ): void {
    cast(self, service, { type: "filter", collection, predicate, sender: self.pid });
  }

  override init(): InitResult<State> {
    return ok({ requests: 0 });
  }

  override handleCast({ collection, predicate, sender }: FilterProtocol["cast"], state: State): CastResult<State> {
    this.self.send(sender, answer(collection, predicate));
    return noreply({ requests: state.requests + 1 });
  }
}

function answer(collection: readonly unknown[], predicate: FilterPredicate): FilterResult {
  try {
    return { type: "filter_results", results: collection.filter((item) => predicate(item)) };
  } catch (reason) {
    return { type: "filter_failed", reason };
  }
}
