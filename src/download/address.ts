// Addresses as people may see them: names, passwords and signatures in them stay secret.

/**
 * An address for a message: without name and password, and without the query, in which storages sign their addresses.
 *
 * @example shown('https://ada:secret@host/file?signature=abc') // 'https://host/file'
 */
export function shown(address: string | URL): string {
  try {
    const url = new URL(address);
    return url.origin === 'null' ? withoutUser(String(address)) : url.origin + url.pathname;
  } catch {
    return withoutUser(String(address));
  }
}

/** Of what is no address, the part that could be a name and password goes, and so does a query. */
function withoutUser(text: string): string {
  return text.replace(/[^/?#]*@/g, '').replace(/\?.*$/s, '');
}
