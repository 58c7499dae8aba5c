#!/usr/bin/env node
/** The command `kv-buckets`. */
import { run } from "@otp/genserver";

import { KvBuckets } from "./application.ts";

await run(KvBuckets, process.argv);
