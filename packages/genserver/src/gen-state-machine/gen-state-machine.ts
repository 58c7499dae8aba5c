/**
 * GenStateMachine: Erlang's `gen_statem`. A process that is in a state, keeps data, and reacts to events, which depends on
 * the state: it may postpone them, insert events of its own, and set timeouts.
 *
 * Two callback modes. A machine whose states are names may have `states`, an object with one handler for each; otherwise
 * `handleEvent` gets every event together with the state, which then may be any term.
 *
 * @example
 * import { call, type Call, GenStateMachine, keepState, type MachineEvent, nextState, replyAction, start } from "@otp/genserver";
 *
 * interface DoorProtocol {
 *   call: Call<"open", "opened" | "locked", { code: string }>;
 *   cast: { type: "lock" };
 * }
 * type DoorState = "locked" | "open";
 *
 * class Door extends GenStateMachine<DoorState, { code: string }, DoorProtocol, string> {
 *   override init(code: string) {
 *     return nextState<DoorState, { code: string }>("locked", { code });
 *   }
 *   override handleEvent(event: MachineEvent<DoorState, DoorProtocol>, state: DoorState, data: { code: string }) {
 *     if (event.type === "call" && event.request.code === data.code) {
 *       return nextState<DoorState, { code: string }>("open", data, replyAction(event.from, "opened"));
 *     }
 *     if (event.type === "call") return keepState(data, replyAction(event.from, "locked"));
 *     return nextState<DoorState, { code: string }>("locked", data);
 *   }
 * }
 *
 * const door = await start(node, Door, "1234");
 * await call(node, door, { type: "open", code: "0000" }); // => "locked"
 * await call(node, door, { type: "open", code: "1234" }); // => "opened"
 */
import { type Process, UndefError } from "@otp/core";
import type { ProcessControl } from "@otp/core/internal";

import type { Bootable, BootWishes } from "../gen-server/callbacks.ts";
import {
  type ChildArgs,
  type ChildClass,
  type ChildOptions,
  type ChildSpec,
  childSpecOf,
} from "../gen-server/child-spec.ts";
import type { AnyProtocol, Protocol } from "../gen-server/protocol.ts";
import { ignore, type Ignore } from "../gen-server/result.ts";
import type { Origin } from "../gen/origin.ts";
import { settle } from "../gen/settle.ts";
import type { Booted } from "../gen/start.ts";
import { debugFrom } from "../sys/debug.ts";
import type { ShownStatus, Status } from "../sys/status.ts";
import type { MachineEvent } from "./event.ts";
import type { MachineCallbacks } from "./callbacks.ts";
import { MachineLoop } from "./loop.ts";
import { MachineResult } from "./result.ts";

/** What a callback may give: a result, or the promise of one. */
export type MachineOutcome<State, Data> = MachineResult<State, Data> | PromiseLike<MachineResult<State, Data>>;

/** Handles events in one state. */
export type StateHandler<State, Data, P> = (event: MachineEvent<State, P>, data: Data) => MachineOutcome<State, Data>;

/**
 * The base class of state machines: `State` is where the machine can be, `Data` what it keeps, `P` what it can be asked, `Arg`
 * what `init` takes. Started, called and stopped by the same functions as servers.
 */
export abstract class GenStateMachine<
  State,
  Data,
  P extends Protocol = AnyProtocol,
  Arg = undefined,
> implements Bootable {
  /** Only for the type: what can be asked of this machine. */
  declare readonly "~protocol"?: (protocol: P) => void;
  /** Only for the type: what `init` takes. */
  declare readonly "~arg"?: (arg: Arg) => void;

  /** What `childSpec` is to say about machines of this class. */
  static readonly childOptions: ChildOptions = {};

  /** The process that this machine is. */
  readonly self: Process;

  /** Whether entering a state is an event of its own (STATEM-8). */
  readonly stateEnter: boolean = false;

  /** One handler per state, for machines whose states are names; `handleEvent` is not used then. */
  readonly states?: { readonly [Name in State & string]: StateHandler<State, Data, P> };

  /** Called in the machine's own process; subclasses need no constructor of their own. */
  constructor(self: Process) {
    this.self = self;
  }

  /** How a supervisor starts a machine of this class. */
  static childSpec<Class extends ChildClass>(this: Class, ...args: ChildArgs<Class>): ChildSpec {
    return childSpecOf(this, args[0]);
  }

  /** Says where to begin: `nextState(state, data, …actions)`, `ignore` or `stopMachine(reason)` (STATEM-10). */
  abstract init(arg: Arg): MachineOutcome<State, Data> | Ignore;

  /** Handles an event in `state`, for machines without `states`. */
  handleEvent(_event: MachineEvent<State, P>, _state: State, _data: Data): MachineOutcome<State, Data> {
    throw new UndefError(`${this.constructor.name} has neither states nor handleEvent`);
  }

  /** Cleans up before the machine ends by itself, by `stop`, or by its parent's exit while it traps exits. */
  terminate?(reason: unknown, state: State, data: Data): unknown;

  /** Shapes what status replies and reports show; `status.state` is `{ state, data }`. */
  formatStatus?(status: Status<{ readonly state: State; readonly data: Data }>): ShownStatus;

  /** Adapts state and data to changed code, when `sys.changeCode` says so (SYS-7). */
  codeChange?(oldVersion: unknown, inside: { readonly state: State; readonly data: Data }, extra: unknown): unknown;

  /** Brings the machine to life; called by the start functions. */
  "~boot"(self: ProcessControl, origin: Origin, { arg, debug }: BootWishes): Booted | PromiseLike<Booted> {
    const machine = this.#erased();
    const judge = (result: unknown): Booted => {
      if (result === ignore) return { kind: "ignore" };
      if (result instanceof MachineResult && result.kind === "stop") return { kind: "refuse", reason: result.reason };
      if (!(result instanceof MachineResult) || result.kind !== "next") {
        return { kind: "refuse", reason: { badReturnFromInit: result } };
      }
      const loop = new MachineLoop(self, origin, machine);
      loop.debug = debugFrom(self, debug);
      return { kind: "run", body: loop, first: () => loop.begin(result) };
    };
    return settle(() => machine.init(arg), {
      returned: judge,
      threw: (thrown) => {
        // A thrown result counts as returned.
        if (thrown instanceof Error) throw thrown;
        return judge(thrown);
      },
    });
  }

  /** The callbacks without their types, as the loop calls them. */
  #erased(): MachineCallbacks {
    const call = (name: string, ...args: readonly unknown[]): unknown => {
      const fn: unknown = Reflect.get(this, name);
      return typeof fn === "function" ? Reflect.apply(fn, this, args) : undefined;
    };
    const { states } = this;
    return {
      name: this.constructor.name,
      stateEnter: this.stateEnter,
      init: (arg) => call("init", arg),
      handle: (event, state, data) => {
        if (states === undefined) return call("handleEvent", event, state, data);
        const handler: unknown = typeof state === "string" ? Reflect.get(states, state) : undefined;
        if (typeof handler === "function") {
          const handled: unknown = Reflect.apply(handler, states, [event, data]);
          return handled;
        }
        throw new UndefError(`${this.constructor.name} has no handler for the state ${String(state)}`);
      },
      ...(this.terminate === undefined
        ? {}
        : { terminate: (reason, state, data) => call("terminate", reason, state, data) }),
      ...(this.formatStatus === undefined ? {} : { formatStatus: (status) => this.#format(status) }),
      ...(this.codeChange === undefined
        ? {}
        : { codeChange: (old, inside, extra) => call("codeChange", old, inside, extra) }),
    };
  }

  #format(status: Status): ShownStatus {
    const format: unknown = Reflect.get(this, "formatStatus");
    const shown: unknown = typeof format === "function" ? Reflect.apply(format, this, [status]) : status;
    return typeof shown === "object" && shown !== null && "state" in shown ? { ...status, ...shown } : status;
  }
}
