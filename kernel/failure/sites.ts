// The call sites that a person's own `Error.prepareStackTrace` is given: those of cells have their places in the cell, and what
// the kernel and Node do to run a cell is left out.
import type { CellPosition } from './locations';
import { cellFrame, isOfKernel, whereInCell } from './stacks';

type Site = NodeJS.CallSite;

/** Sites as they are where none is of a cell. */
export function cellSites(sites: Site[]): Site[] {
  const cells = sites.map((site) => cellFrame(`    at ${String(site)}`));
  const outermost = cells.map((cell) => cell !== undefined).lastIndexOf(true);
  return sites.slice(0, outermost < 0 ? undefined : outermost + 1).flatMap((site, i) => {
    const cell = cells[i];
    if (!cell) return outermost >= 0 && isOfKernel(String(site)) ? [] : [site];
    return cell.position ? [inCell(site, cell.position, cell.name)] : [];
  });
}

/** A site asks that its methods are called on itself. */
function inCell(site: Site, position: CellPosition, name: string | undefined): Site {
  const own: Partial<Site> & { toString(): string } = {
    getFileName: () => site.getScriptNameOrSourceURL(),
    getLineNumber: () => position.line,
    getColumnNumber: () => position.column,
    toString: () => whereInCell(position, name),
  };
  return new Proxy(site, {
    get(target, key) {
      const value = (own as Record<PropertyKey, unknown>)[key] ?? Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
