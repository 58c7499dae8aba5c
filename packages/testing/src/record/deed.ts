/**
 * What a kernel does that laws are about, beyond what every run is compared by. All of it is plain data: it can be written to
 * a file and read back.
 */

/** A signal between nodes: what it does, between whom, and the rest of it in words. */
interface Signalled {
  readonly peer: string;
  readonly op: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/**
 * One thing that a kernel did; pids and refs are in words that mean the same on every node.
 *
 * @see checkLaws
 */
export type Deed =
  /** From here on the node is watched; `creation` tells its incarnations apart. */
  | { readonly kind: "boot"; readonly creation: number }
  /** A send to a pid that threw. */
  | { readonly kind: "refused"; readonly from: string; readonly to: string; readonly error: string }
  /** A receive got the `n`th message of its process; `over` older ones that it wanted as well were passed over. */
  | {
      readonly kind: "take";
      readonly pid: string;
      readonly n: number;
      readonly over: number;
      readonly changed?: string;
    }
  | { readonly kind: "wait"; readonly pid: string; readonly ms: number; readonly clock: number }
  | { readonly kind: "timeout"; readonly pid: string; readonly clock: number }
  /** A behaviour begins to handle the `n`th message of its process, and is done with it. */
  | {
      readonly kind: "handle";
      readonly pid: string;
      readonly n: number;
      readonly over: number;
      readonly clock: number;
      readonly changed?: string;
    }
  | { readonly kind: "handled"; readonly pid: string }
  | { readonly kind: "terminate"; readonly pid: string }
  | { readonly kind: "timer"; readonly id: number; readonly ms: number; readonly clock: number }
  | { readonly kind: "expire"; readonly id: number; readonly clock: number }
  | { readonly kind: "cancelled"; readonly id: number }
  | { readonly kind: "link"; readonly pid: string; readonly other: string }
  | { readonly kind: "unlink"; readonly pid: string; readonly other: string }
  /** A process has found the EXIT of a link of its own; for workloads that write down what they see themselves. */
  | { readonly kind: "linkEnded"; readonly pid: string; readonly other: string }
  /** The exit signal that was told of last has had its effect. */
  | { readonly kind: "signalled"; readonly to: string }
  /** `monitorNode(peer, true)` called by a process, or `monitorNodes(true)` for `*`. */
  | { readonly kind: "nodewatch"; readonly pid: string; readonly peer: string }
  | { readonly kind: "trap"; readonly pid: string; readonly on: boolean }
  | { readonly kind: "alias"; readonly pid: string; readonly ref: string; readonly mode: string }
  | { readonly kind: "unalias"; readonly pid: string; readonly ref: string }
  /** `exit(to, reason)` called by a process. */
  | {
      readonly kind: "tell";
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      readonly clock: number;
    }
  | { readonly kind: "call"; readonly id: string; readonly from: string; readonly to: string }
  | { readonly kind: "reply"; readonly id: string; readonly value: string }
  | { readonly kind: "answer"; readonly id: string; readonly ok: boolean; readonly value: string }
  | { readonly kind: "lookup"; readonly name: string; readonly pid: string }
  /** A connection is there (`isOld`: and was there before anybody watched), and is lost. */
  | { readonly kind: "up"; readonly peer: string; readonly isOld?: boolean }
  | { readonly kind: "lost"; readonly peer: string }
  /** A signal to another node, and from one. */
  | (Signalled & { readonly kind: "out" })
  | (Signalled & { readonly kind: "in" })
  | {
      readonly kind: "supervisor";
      readonly pid: string;
      readonly strategy: string;
      readonly maxRestarts: number;
      readonly maxSeconds: number;
      readonly auto: boolean;
    }
  /** The children of a supervisor in their order, each as `id|pid|restart|shutdown`; pid is `-` or `restarting` without one. */
  | { readonly kind: "children"; readonly pid: string; readonly list: readonly string[] }
  /** Something is asked of the global names, and answered. */
  | { readonly kind: "asking"; readonly id: number; readonly op: string; readonly name: string }
  | { readonly kind: "asked"; readonly id: number; readonly result: string }
  /** What is in the tables of a node at rest: `who` has a tie of that sort with `whom`. */
  | {
      readonly kind: "rest";
      readonly what: "process" | "link" | "monitor" | "watcher" | "name" | "global" | "group" | "peer" | "broken";
      readonly who: string;
      readonly whom: string;
    }
  /** Every node that runs has just told what it holds, and nothing was under way. */
  | { readonly kind: "settled" }
  /**
   * Messages `first` … `last` of one epoch of one incarnation (`run`) of a sender, which numbers them itself, came in a row.
   */
  | {
      readonly kind: "numbered";
      readonly pid: string;
      readonly from: string;
      readonly run: number;
      readonly epoch: number;
      readonly first: number;
      readonly last: number;
    };
