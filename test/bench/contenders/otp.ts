/** Ours, on a node of its own. */
import { Node } from "@otp/core";

import { messageRows } from "./otp-messages.ts";
import { processRows } from "./otp-processes.ts";
import { supervisionRows } from "./otp-supervision.ts";
import { serve } from "./serve.ts";

const node = await Node.start();
await serve({ ...messageRows(node), ...processRows(node), ...supervisionRows(node) });
