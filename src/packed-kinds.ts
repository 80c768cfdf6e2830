// Packed files that we do not unpack, by how they begin: what they are, and the program that opens them.

interface PackedKind {
  /** What it is, as a phrase. */
  what: string;
  /** What unpacks it, for a shell. */
  command: string;
}

const KINDS: [at: number, magic: string, what: string, command: string][] = [
  [0, 'BZh', 'it is packed with bzip2', 'bunzip2'],
  [0, '\xfd7zXZ\0', 'it is packed with xz', 'unxz'],
  [0, '\x28\xb5\x2f\xfd', 'it is packed with Zstandard', 'unzstd'],
  [0, '\x04\x22\x4d\x18', 'it is packed with LZ4', 'unlz4'],
  [0, '\x1f\x9d', 'it is packed with compress', 'uncompress'],
  [0, '7z\xbc\xaf\x27\x1c', 'it is a 7z archive', '7z x'],
  [0, 'Rar!\x1a\x07', 'it is a RAR archive', 'unrar x'],
  [257, 'ustar', 'it is a tar archive', 'tar -xf'],
];

/**
 * @param start The first bytes, at least 262 where there are so many.
 * @example packedKind(Buffer.from('BZh91AY&SY'))?.command // 'bunzip2'
 */
export function packedKind(start: Uint8Array): PackedKind | undefined {
  const head = Buffer.from(start.subarray(0, 262)).toString('latin1');
  const found = KINDS.find(
    ([at, magic]) => head.startsWith(magic, at) && (magic !== 'BZh' || /^BZh[1-9]1AY&SY/.test(head)),
  );
  return found && { what: found[2], command: found[3] };
}
