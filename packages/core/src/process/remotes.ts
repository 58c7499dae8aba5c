/**
 * Which links and monitors lead to which other node, so that the loss of a connection is one sweep (LINK-11, MON-12).
 *
 * Entries exist exactly while the process's own tables hold them (K4); the sweep empties a node's entry at once, so a
 * second sweep finds nothing and no DOWN can come twice (D2).
 */
import { invariant } from "../base/invariant.ts";
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import type { PendingCall } from "./call.ts";
import type { ControlBlock } from "./control-block.ts";
import type { FarCall } from "./far-call.ts";
import { loseLink } from "./links.ts";
import { fireMonitor, unwatch } from "./monitors.ts";
import type { Monitor, Watcher } from "./parts.ts";

interface Ties {
  /** Links, by the remote pid. */
  readonly links: Map<Pid, Set<ControlBlock>>;
  /** Monitors of ours on processes there, by the number of the ref. */
  readonly monitors: Map<number, { readonly process: ControlBlock; readonly ref: Ref }>;
  /** Monitors of theirs on processes of ours. */
  readonly watchers: Map<Ref, Watcher>;
  /** Calls of ours to servers there, by the number of their ref; made on first use. */
  calls: Map<number, PendingCall> | null;
  /** Calls of theirs to servers of ours, by the number of their alias; made on first use. */
  farCalls: Map<number, FarCall> | null;
  /** Spawn requests of ours that have no reply yet, with what to do when none can come. */
  readonly requests: Map<Ref, () => void>;
}

/** The ties to other nodes. */
export class Remotes {
  readonly #nodes = new Map<string, Ties>();

  addLink(node: string, process: ControlBlock, pid: Pid): void {
    const { links } = this.#ties(node);
    const ends = links.get(pid);
    if (ends === undefined) links.set(pid, new Set([process]));
    else ends.add(process);
  }

  dropLink(node: string, process: ControlBlock, pid: Pid): void {
    const ties = this.#nodes.get(node);
    const ends = ties?.links.get(pid);
    if (ties === undefined || ends === undefined) return;
    ends.delete(process);
    if (ends.size === 0) ties.links.delete(pid);
    this.#tidy(node, ties);
  }

  addMonitor(node: string, process: ControlBlock, { ref }: Monitor): void {
    this.#ties(node).monitors.set(ref.number, { process, ref });
  }

  dropMonitor(node: string, { ref }: Monitor): void {
    const ties = this.#nodes.get(node);
    if (ties === undefined) return;
    ties.monitors.delete(ref.number);
    this.#tidy(node, ties);
  }

  addWatcher(node: string, watcher: Watcher): void {
    this.#ties(node).watchers.set(watcher.ref, watcher);
  }

  /** What the monitor `ref` of that node is here. */
  findWatcher(node: string, ref: Ref): Watcher | undefined {
    return this.#nodes.get(node)?.watchers.get(ref);
  }

  dropWatcher(node: string, ref: Ref): void {
    const ties = this.#nodes.get(node);
    if (ties === undefined) return;
    ties.watchers.delete(ref);
    this.#tidy(node, ties);
  }

  addCall(node: string, number: number, call: PendingCall): void {
    const ties = this.#ties(node);
    ties.calls ??= new Map();
    ties.calls.set(number, call);
  }

  dropCall(node: string, number: number): void {
    const ties = this.#nodes.get(node);
    if (ties?.calls?.delete(number) === true) this.#tidy(node, ties);
  }

  addFarCall(call: FarCall): void {
    const ties = this.#ties(call.pid.node);
    ties.farCalls ??= new Map();
    ties.farCalls.set(call.alias.number, call);
  }

  hasFarCall(node: string, alias: Ref): boolean {
    return this.#nodes.get(node)?.farCalls?.has(alias.number) === true;
  }

  /** The open call of that node whose answer goes to `alias`. */
  findFarCall(node: string, alias: Ref): FarCall | undefined {
    const call = this.#nodes.get(node)?.farCalls?.get(alias.number);
    return call?.alias.home === alias.home ? call : undefined;
  }

  /** Something was sent to `alias`: the first such thing is the answer (CALL-9), and the caller sees that it came from here. */
  answered(alias: Ref): void {
    this.findFarCall(alias.node, alias)?.abandon();
  }

  dropFarCall({ pid, alias }: FarCall): void {
    const ties = this.#nodes.get(pid.node);
    if (ties?.farCalls?.delete(alias.number) === true) this.#tidy(pid.node, ties);
  }

  /** `lost` is called when the connection goes before the reply to the spawn request `ref` has come. */
  addRequest(node: string, ref: Ref, lost: () => void): void {
    this.#ties(node).requests.set(ref, lost);
  }

  dropRequest(node: string, ref: Ref): void {
    const ties = this.#nodes.get(node);
    if (ties === undefined) return;
    ties.requests.delete(ref);
    this.#tidy(node, ties);
  }

  /** The connection to `node` is gone: every link and monitor over it yields `noconnection`, once. */
  sweep(node: string): void {
    const ties = this.#nodes.get(node);
    if (ties === undefined) return;
    this.#nodes.delete(node);
    for (const lost of ties.requests.values()) lost();
    for (const watcher of ties.watchers.values()) unwatch(watcher);
    for (const { process, ref } of ties.monitors.values()) fireMonitor(process, ref, "noconnection");
    for (const call of ties.calls?.values() ?? []) call.serverLost();
    for (const call of ties.farCalls?.values() ?? []) call.abandon();
    for (const [pid, ends] of ties.links) for (const process of ends) loseLink(process, pid);
    invariant(!this.#nodes.has(node), "D2", `ties to ${node} were made while its loss was told`);
  }

  hasLink(node: string, process: ControlBlock, pid: Pid): boolean {
    return this.#nodes.get(node)?.links.get(pid)?.has(process) === true;
  }

  hasMonitor(node: string, ref: Ref): boolean {
    return this.#nodes.get(node)?.monitors.has(ref.number) === true;
  }

  /** How many ties lead to `node`, for checks. */
  count(node: string): { readonly links: number; readonly monitors: number; readonly watchers: number } {
    const ties = this.#nodes.get(node);
    let links = 0;
    for (const ends of ties?.links.values() ?? []) links += ends.size;
    return { links, monitors: ties?.monitors.size ?? 0, watchers: ties?.watchers.size ?? 0 };
  }

  /** The nodes with ties. */
  nodes(): string[] {
    return [...this.#nodes.keys()];
  }

  #ties(node: string): Ties {
    let ties = this.#nodes.get(node);
    if (ties === undefined) {
      ties = {
        links: new Map(),
        monitors: new Map(),
        watchers: new Map(),
        requests: new Map(),
        calls: null,
        farCalls: null,
      };
      this.#nodes.set(node, ties);
    }
    return ties;
  }

  #tidy(node: string, ties: Ties): void {
    const { links, monitors, watchers, requests } = ties;
    const size = links.size + monitors.size + watchers.size + requests.size;
    if (size + (ties.calls?.size ?? 0) + (ties.farCalls?.size ?? 0) === 0) this.#nodes.delete(node);
  }
}
