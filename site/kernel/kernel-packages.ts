// In a browser one folder holds all packages, and the compiler finds them there wherever a cell stands.

export const withKernelPackages = (): void => undefined;
