/** The other side of `otp-remote.ts`. */
import { servePeer } from "./otp-peer-nodes.ts";

await servePeer();
