#!/usr/bin/env node
/** The command `job-queue`. */
import { run } from "@otp/genserver";

import { JobQueue } from "./application.ts";

await run(JobQueue, process.argv);
