/** Starts the filter service as a program of its own. */
export {};
