// What the bundler writes: every module that cells may import.
declare module 'spanlab:modules' {
  export const modules: Record<string, () => Promise<Record<string, unknown>>>;
}
