// What the debugger tells front ends that it can do, in the words of the Debug Adapter Protocol.

export const CAPABILITIES = {
  supportsConfigurationDoneRequest: true,
  supportsEvaluateForHovers: true,
  supportsConditionalBreakpoints: true,
  supportsLogPoints: false,
  supportsSetVariable: false,
  supportsExceptionInfoRequest: false,
  exceptionBreakpointFilters: [
    { filter: 'all', label: 'All exceptions', default: false },
    { filter: 'uncaught', label: 'Uncaught exceptions', default: false },
  ],
};
