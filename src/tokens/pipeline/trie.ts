// A tree of words: which of them does a text have at a place?

/** Nodes are numbers; a step from one to the next is an entry of a table with open addressing. */
export class Trie {
  private nodes = Int32Array.from({ length: 1 << 12 }, () => -1);
  private units = new Uint16Array(1 << 12);
  private targets = new Int32Array(1 << 12);
  private steps = 0;
  /** The word that ends at each node, -1 for none. */
  private values = new Int32Array(1 << 11).fill(-1);
  private count = 1;

  /** Adds a word; of two that are the same the later one counts. */
  add(word: string, value: number): void {
    let node = 0;
    for (let i = 0; i < word.length; i++) node = this.child(node, word.charCodeAt(i));
    this.values[node] = value;
  }

  /** Calls `found` for each word that begins at `start` of `text`, the shortest first. */
  prefixes(text: string, start: number, found: (end: number, value: number) => void): void {
    let node = 0;
    for (let i = start; i < text.length; i++) {
      const slot = this.slot(node, text.charCodeAt(i));
      if (this.nodes[slot] < 0) return;
      node = this.targets[slot];
      const value = this.values[node];
      if (value >= 0) found(i + 1, value);
    }
  }

  private child(node: number, unit: number): number {
    let slot = this.slot(node, unit);
    if (this.nodes[slot] >= 0) return this.targets[slot];
    if (2 * ++this.steps > this.nodes.length) {
      this.grow();
      slot = this.slot(node, unit);
    }
    return this.put(slot, node, unit, this.newNode());
  }

  private put(slot: number, node: number, unit: number, target: number): number {
    this.nodes[slot] = node;
    this.units[slot] = unit;
    this.targets[slot] = target;
    return target;
  }

  private newNode(): number {
    if (this.count === this.values.length) {
      const values = new Int32Array(2 * this.count).fill(-1);
      values.set(this.values);
      this.values = values;
    }
    return this.count++;
  }

  /** Where the step is, or where it would be. */
  private slot(node: number, unit: number): number {
    const mask = this.nodes.length - 1;
    let slot = (Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b)) >>> 0;
    for (slot = (slot ^ (slot >>> 15)) & mask; this.nodes[slot] >= 0; slot = (slot + 1) & mask) {
      if (this.nodes[slot] === node && this.units[slot] === unit) break;
    }
    return slot;
  }

  private grow(): void {
    const { nodes, units, targets } = this;
    this.nodes = new Int32Array(2 * nodes.length).fill(-1);
    this.units = new Uint16Array(2 * nodes.length);
    this.targets = new Int32Array(2 * nodes.length);
    for (let i = 0; i < nodes.length; i++) {
      if (nodes[i] >= 0) this.put(this.slot(nodes[i], units[i]), nodes[i], units[i], targets[i]);
    }
  }
}
