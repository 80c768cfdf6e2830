// Where the site is that this worker belongs to.

let site = '';

export function setSite(address: string): void {
  site = address;
}

/** The address of a file of the site. @example siteUrl('vm/manifest.json') */
export function siteUrl(name: string): string {
  return site + name;
}
