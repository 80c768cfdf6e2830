// The GPU that a browser offers, if it offers one.

interface Gpu {
  requestAdapter(): Promise<{ info?: { vendor: string; architecture: string; description: string } } | null>;
}

/** Renderers that compute on the processor, and slower than WebAssembly does. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

export interface Adapter {
  /** As far as the browser says; it may be empty. */
  name: string;
  /** Whether it is no GPU, but a program that stands in for one. */
  isSoftware: boolean;
}

/**
 * The adapter that WebGPU would compute on.
 *
 * @throws Error where there is none, saying why
 * @example (await findAdapter()).name // 'apple metal-3'
 */
export async function findAdapter(): Promise<Adapter> {
  const { gpu } = navigator as { gpu?: Gpu };
  if (!gpu) throw new Error('this browser has no WebGPU');
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('the browser offers no GPU');
  const { vendor = '', architecture = '', description = '' } = adapter.info ?? {};
  const name = [vendor, architecture, description].filter(Boolean).join(' ');
  return { name, isSoftware: SOFTWARE.test(name) };
}
