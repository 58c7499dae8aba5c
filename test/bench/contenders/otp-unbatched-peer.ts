/** The other side of `otp-unbatched.ts`. */
import { servePeer } from "./otp-peer-nodes.ts";
import { atOnce } from "./at-once.ts";

await servePeer({ runtime: atOnce });
