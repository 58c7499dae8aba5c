/** The other side of `otp-unsealed.ts`. */
import "./unsealed.ts";

import { servePeer } from "./otp-peer-nodes.ts";

await servePeer();
