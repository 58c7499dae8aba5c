/** The rows between two operating-system processes, over NATS. */
import type { Row } from "./rows.ts";

/** Remote rows, in the order of the table. */
export const remoteRows: readonly Row[] = [];
