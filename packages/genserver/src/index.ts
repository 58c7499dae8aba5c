/** Placeholder until the package has its door. */
export {};
