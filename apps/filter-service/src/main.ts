/** The command `filter-service`. */
export {};
