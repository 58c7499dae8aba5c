/**
 * The signals that one process sends to another, in the form in which they leave the node.
 *
 * These are Erlang's control messages (`docs/protocol.md` has their bytes). A signal for a process of the own node is a
 * direct function call and never takes this form; everything else goes out through `route(node, signal)`.
 */
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import type { RemoteFunctionTerm } from "../term/remote-function.ts";

/** What a spawn request asks for beyond the function (NODE-15). */
export interface SpawnWishes {
  readonly link: boolean;
  readonly monitor: boolean;
  /** When a `spawnReply` is wanted. */
  readonly reply?: "yes" | "no" | "errorOnly" | "successOnly";
}

/** A signal to a process on another node. */
export type Signal =
  | { readonly op: "send"; readonly from: Pid; readonly to: Pid; readonly message: unknown }
  | { readonly op: "sendName"; readonly from: Pid; readonly to: string; readonly message: unknown }
  | { readonly op: "sendAlias"; readonly from: Pid; readonly to: Ref; readonly message: unknown }
  /**
   * A request whose answer is sent to `alias`. Until something is sent there from the server's node, the server's end is told
   * like that of a monitor whose ref is the alias, and `demonitor` takes both back.
   */
  | {
      readonly op: "call";
      readonly from: Pid;
      readonly to: Pid | string;
      readonly alias: Ref;
      /** How the request is tagged in the server's mailbox. */
      readonly type: string;
      readonly request: unknown;
    }
  | { readonly op: "link"; readonly from: Pid; readonly to: Pid }
  | { readonly op: "unlink"; readonly id: number; readonly from: Pid; readonly to: Pid }
  | { readonly op: "unlinkAck"; readonly id: number; readonly from: Pid; readonly to: Pid }
  /** The linked process `from` has ended. */
  | { readonly op: "linkExit"; readonly from: Pid; readonly to: Pid; readonly reason: unknown }
  /** `exit(to, reason)` called by `from`; independent of links (EXIT-16). */
  | { readonly op: "exit"; readonly from: Pid; readonly to: Pid; readonly reason: unknown }
  | { readonly op: "monitor"; readonly from: Pid; readonly to: Pid | string; readonly ref: Ref }
  | { readonly op: "demonitor"; readonly from: Pid; readonly to: Pid | string; readonly ref: Ref }
  | {
      readonly op: "down";
      readonly from: Pid | string;
      readonly to: Pid;
      readonly ref: Ref;
      readonly reason: unknown;
    }
  | { readonly op: "groupLeader"; readonly leader: Pid; readonly to: Pid }
  | {
      readonly op: "spawnRequest";
      /** The monitor's ref, and what a reply is about. */
      readonly ref: Ref;
      /** The pid that the spawner has given the new process, from its number space within the other node. */
      readonly pid: Pid;
      readonly from: Pid;
      readonly groupLeader: Pid;
      readonly fn: RemoteFunctionTerm;
      readonly args: readonly unknown[];
      readonly wishes: SpawnWishes;
    }
  | {
      readonly op: "spawnReply";
      readonly ref: Ref;
      readonly to: Pid;
      readonly link: boolean;
      readonly monitor: boolean;
      /** The new process, or why there is none. */
      readonly result: Pid | string;
    };
