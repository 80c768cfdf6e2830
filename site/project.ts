// The course's project as the worker sees it: a name that the build writes and the kernel reads.

/** Its place in the files of the worker. */
export const PROJECT = '/spanlab';
