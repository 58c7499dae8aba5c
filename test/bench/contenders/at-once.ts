/** A runtime that puts nothing off, so that every signal leaves by itself. */
import { SystemRuntime } from "@otp/core/runtime";

class AtOnce extends SystemRuntime {
  override defer(run: () => void): void {
    run();
  }
}

/** For measuring what batches are worth. */
export const atOnce = new AtOnce();
