/** State machines. */
export { callMachine } from "./client.ts";
export {
  type Action,
  type MachineEvent,
  type ReplyAction,
  replyAction,
  type TimeoutAction,
  type TimeoutKind,
} from "./event.ts";
export { GenStateMachine, type MachineOutcome, type StateHandler } from "./gen-state-machine.ts";
export {
  keepState,
  keepStateAndData,
  MachineResult,
  type MachineResultKind,
  nextState,
  repeatState,
  repeatStateAndData,
  stopAndReply,
  stopMachine,
} from "./result.ts";
