/** What a shell and the node that it is attached to say to each other. Whatever arrives is checked by these. */
import { Pid } from "@otp/core";

import type { Completed } from "./complete.ts";
import type { Evaluated } from "./interpreter.ts";

/** What a visitor may do: anything, or look. */
export type Access = "full" | "inspect";

/** With what a visit begins. */
export interface VisitOrder {
  readonly client: Pid;
  readonly access: Access;
  /** Who says to be typing; the node that it comes from is proven, this is not. */
  readonly user: string;
  readonly colors: boolean;
}

/** From the visitor. */
export type VisitorMessage =
  | { readonly type: "shell_evaluate"; readonly id: number; readonly text: string }
  | { readonly type: "shell_complete"; readonly id: number; readonly line: string }
  | { readonly type: "shell_interrupt" };

/** To the visitor. */
export type HostMessage =
  | { readonly type: "shell_opened"; readonly prompt: string }
  | { readonly type: "shell_refused"; readonly text: string }
  | { readonly type: "shell_restarted"; readonly text: string; readonly prompt: string }
  | { readonly type: "shell_result"; readonly id: number; readonly outcome: Evaluated; readonly prompt: string }
  | { readonly type: "shell_completed"; readonly id: number; readonly found: Completed };

type Fields = Readonly<Record<string, unknown>>;

/** The order, if it is one. */
export function readOrder(value: unknown): VisitOrder | undefined {
  if (!isRecord(value)) return undefined;
  const { client, access, user, colors } = value;
  if (!(client instanceof Pid) || (access !== "full" && access !== "inspect")) return undefined;
  return typeof user === "string" && typeof colors === "boolean" ? { client, access, user, colors } : undefined;
}

/** The message, if a visitor says such things. */
export function readVisitor(value: unknown): VisitorMessage | undefined {
  if (!isRecord(value)) return undefined;
  const { type, id, text, line } = value;
  if (type === "shell_interrupt") return { type };
  if (typeof id !== "number") return undefined;
  if (type === "shell_evaluate" && typeof text === "string") return { type, id, text };
  return type === "shell_complete" && typeof line === "string" ? { type, id, line } : undefined;
}

/** The message, if a host says such things. */
export function readHost(value: unknown): HostMessage | undefined {
  if (!isRecord(value)) return undefined;
  const { type, id, text, prompt, outcome, found } = value;
  if (type === "shell_refused" && typeof text === "string") return { type, text };
  if (type === "shell_completed" && typeof id === "number" && isCompleted(found)) return { type, id, found };
  if (typeof prompt !== "string") return undefined;
  if (type === "shell_opened") return { type, prompt };
  if (type === "shell_restarted" && typeof text === "string") return { type, text, prompt };
  if (type !== "shell_result" || typeof id !== "number") return undefined;
  const read = readOutcome(outcome);
  return read === undefined ? undefined : { type, id, outcome: read, prompt };
}

function readOutcome(value: unknown): Evaluated | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, text, isInterrupted } = value;
  if (kind === "incomplete" || kind === "nothing") return { kind };
  if (kind === "value" && typeof text === "string") return { kind, text };
  if (kind !== "failure" || typeof text !== "string") return undefined;
  return { kind, text, isInterrupted: isInterrupted === true };
}

function isCompleted(value: unknown): value is Completed {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const names: unknown = value[0];
  return typeof value[1] === "string" && Array.isArray(names) && names.every((name) => typeof name === "string");
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
