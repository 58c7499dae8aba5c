/** A server that does nothing, for supervisors that need a child. */
import { GenServer, ok, type Protocol } from "@otp/genserver";

/** Waits. */
export class Hands extends GenServer<null, Protocol> {
  override init() {
    return ok(null);
  }
}
