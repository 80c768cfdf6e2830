// Wrong use of the command line: told apart from failures by its exit code, 2.

/** An option or argument that the command cannot take. */
export class UsageError extends Error {}
