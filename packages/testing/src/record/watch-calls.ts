/** Calls, as their callers and servers see them: made, replied to, and answered. */
import type { PendingCall } from "@otp/core/internal";

import { around } from "./around.ts";
import type { Watch } from "./watch.ts";

/** Tells of a call from here on, once. */
export function watchCall(watch: Watch, call: PendingCall, to: string): void {
  if (watch.calls.has(call)) return;
  const id = `${watch.word(watch.kernel.root)}!${String(watch.next())}`;
  watch.calls.set(call, id);
  watch.tell({ kind: "call", id, from: watch.word(call.pid), to });
  around(call, "reply", (original, [value]) => {
    watch.tell({ kind: "reply", id, value: watch.word(value) });
    return original();
  });
  around(call, "replied", (original, [value]) => {
    watch.tell({ kind: "answer", id, ok: true, value: watch.word(value) });
    return original();
  });
  around(call, "failed", (original, [reason]) => {
    watch.tell({ kind: "answer", id, ok: false, value: watch.word(reason) });
    return original();
  });
}
