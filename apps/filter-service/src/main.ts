#!/usr/bin/env node
/** The command `filter-service`. */
import { runCli } from "./cli.ts";

process.exitCode = await runCli(process.argv);
