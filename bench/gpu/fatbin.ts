// CUDA's device code inside a library: containers ("fatbins") with one entry for each generation of GPUs. What is for other
// generations than the one that is measured is overwritten with zeros, so that it weighs nothing once it is compressed.

const MAGIC = 0xba55ed50;
const PTX = 1;

/** One entry: assembly (PTX), which any later GPU compiles, or machine code for one generation. */
export interface Entry {
  isPtx: boolean;
  /** The generation, as in `sm_90`. */
  architecture: number;
  /** Of what comes behind the entry's header. */
  from: number;
  to: number;
}

/** The entries of all containers between two places of a file. */
export function* entriesOf(file: Buffer, from: number, to: number): Generator<Entry> {
  let place = from;
  while (place + 16 <= to) {
    if (file.readUInt32LE(place) !== MAGIC) {
      place += 8;
      continue;
    }
    const end = place + file.readUInt16LE(place + 6) + Number(file.readBigUInt64LE(place + 8));
    let at = place + file.readUInt16LE(place + 6);
    while (at + 64 <= end) {
      const header = file.readUInt32LE(at + 4);
      const size = Number(file.readBigUInt64LE(at + 8));
      const isPtx = file.readUInt16LE(at) === PTX;
      yield { isPtx, architecture: file.readUInt32LE(at + 28), from: at + header, to: at + header + size };
      at += header + size;
    }
    place = end;
  }
}
