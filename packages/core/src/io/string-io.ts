/**
 * A device in memory: its input is a string from the start, its output another (IO-10). As a group leader it captures what
 * a whole subtree of processes writes (IO-3).
 */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import type { Host } from "../process/host.ts";
import type { Process } from "../process/process.ts";
import type { Pid } from "../term/pid.ts";
import { type Device, type IoContext, inquire, readRaw } from "./client.ts";
import { type DeviceStep, serve } from "./device.ts";
import { performText, type TextState } from "./text-device.ts";

/** How a StringIO may be varied. */
export interface StringIoOptions {
  /** Whether prompts of reads become part of the output; false by default. */
  readonly capturePrompt?: boolean;
  readonly encoding?: "unicode" | "latin1";
}

/** The two ends of a StringIO. */
export interface Contents {
  /** What is still unread. */
  readonly input: string;
  /** What was written since it was opened, or flushed. */
  readonly output: string;
}

/**
 * Starts a device with `input` to read; linked to the process that opens it.
 *
 * @example
 * const device = StringIO.open(self, "first\nsecond\n");
 * const line = await IO.gets(self, device, "");
 * line; // => "first\n"
 */
export function open(context: Process | Host, input: string = "", options: StringIoOptions = {}): Pid {
  if (typeof input !== "string") throw new ArgumentError(`expected the input as a string. Got: ${show(input)}`);
  const initial: TextState = {
    input,
    isEnded: true,
    output: "",
    encoding: options.encoding ?? "unicode",
    capturesPrompts: options.capturePrompt ?? false,
  };
  const run = (self: Process): Promise<unknown> => serve(self, initial, step);
  return isProcess(context) ? context.spawnLink(run) : context.spawn(run);
}

/** The unread input and the output so far. */
export function contents(context: IoContext, device: Device): Promise<Contents> {
  return inquire(context, { device, request: { type: "string_io", act: "contents" }, read: readContents });
}

/** Gives the output so far, and forgets it. */
export function flush(context: IoContext, device: Device): Promise<string> {
  const read = (reply: unknown): string => readContents(reply).output;
  return inquire(context, { device, request: { type: "string_io", act: "flush" }, read });
}

/** Stops the device; gives what `contents` would have given. */
export function close(context: IoContext, device: Device): Promise<Contents> {
  return inquire(context, { device, request: { type: "string_io", act: "close" }, read: readContents });
}

const step: DeviceStep<TextState> = (state, { from, request }) => {
  const act = actOf(request);
  const { input, output } = state;
  switch (act) {
    case "contents":
      return [state, { input, output }];
    case "flush":
      return [
        { ...state, output: "" },
        { input, output },
      ];
    case "close":
      return [state, { input, output }, "stop"];
    default: {
      const done = performText(state, request, { geometry: () => undefined, mayCall: () => true, client: from.node });
      // All of the input is there, so no read is ever left to be done.
      return [done.state, "reply" in done ? done.reply : { error: "request" }];
    }
  }
};

function actOf(request: unknown): unknown {
  if (typeof request !== "object" || request === null || !("type" in request) || request.type !== "string_io") {
    return undefined;
  }
  return "act" in request ? request.act : undefined;
}

function readContents(reply: unknown): Contents {
  const found = readRaw(reply);
  if (typeof found === "object" && found !== null && "input" in found && "output" in found) {
    const { input, output } = found;
    if (typeof input === "string" && typeof output === "string") return { input, output };
  }
  throw new ArgumentError(`expected a StringIO as the device. It answered: ${show(reply)}`);
}

function isProcess(context: Process | Host): context is Process {
  return "spawnLink" in context;
}
