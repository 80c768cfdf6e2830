// Jupyter counts code points, the compiler UTF-16 units.

export function toUnits(code: string, codePoints: number): number {
  return [...code].slice(0, codePoints).join('').length;
}

export function toCodePoints(code: string, units: number): number {
  return [...code.slice(0, units)].length;
}
