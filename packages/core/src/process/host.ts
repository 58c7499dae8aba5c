/** The node that a process lives on, as a type that the node layer above completes. */

/** What `self.node` is; declared here and filled in by `node/node.ts`, so that this layer need not know that one. */
export interface Host {}
