/** The node that a process lives on, as a type that the node layer above completes. */

/** What `self.node` is; declared here and filled in by `node/node.ts`, so that this layer need not know that one. */
// eslint-disable-next-line typescript/no-empty-object-type
export interface Host {}
