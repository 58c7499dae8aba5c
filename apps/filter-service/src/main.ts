#!/usr/bin/env node
/** The command `filter-service`. */
import { run } from "@otp/genserver";

import { FilterWorker } from "./application.ts";

await run(FilterWorker, process.argv);
