// `npm run rooms`: docs/rooms.svg, a picture of the rooms and of who imports whom, made from the imports themselves.
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..');
const TARGET = path.join(__dirname, 'rooms.svg');
const [WIDTH, HEIGHT, STEP, GAP] = [128, 34, 92, 22];

/** A room is a folder of `src`, or `kernel`; files that lie directly in `src` are the ground that all stand on. */
function roomOf(file: string): string | undefined {
  const [top, room, ...rest] = path.relative(ROOT, file).split(path.sep);
  if (top === 'kernel') return top;
  return top === 'src' && rest.length > 0 ? room : undefined;
}

/** For each room those that it imports from. */
export function readImports(): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>();
  for (const top of ['src', 'kernel']) {
    for (const name of fs.readdirSync(path.join(ROOT, top), { recursive: true, encoding: 'utf8' })) {
      const file = path.join(ROOT, top, name);
      const room = roomOf(file);
      if (!room || !name.endsWith('.ts')) continue;
      const found = imports.get(room) ?? new Set<string>();
      for (const [, module] of fs.readFileSync(file, 'utf8').matchAll(/(?:from|require\(|import\() ?'(\.[^']*)'/g)) {
        const other = roomOf(path.join(path.dirname(file), module, 'x'));
        if (other && other !== room && fs.existsSync(path.join(ROOT, 'src', other))) found.add(other);
      }
      imports.set(room, found);
    }
  }
  return imports;
}

/** A room stands one floor above the highest of those that it imports from. @throws Error where rooms import each other in a circle */
export function floors(imports: Map<string, Set<string>>): Map<string, number> {
  const floor = new Map<string, number>();
  const visit = (room: string, below: string[]): number => {
    if (below.includes(room)) throw new Error(`rooms import each other: ${[...below, room].join(' → ')}`);
    const known = floor.get(room);
    if (known !== undefined) return known;
    const others = [...(imports.get(room) ?? [])].map((other) => visit(other, [...below, room]));
    floor.set(room, others.length === 0 ? 0 : 1 + Math.max(...others));
    return floor.get(room)!;
  };
  for (const room of [...imports.keys()].sort()) visit(room, []);
  return floor;
}

/** An arrow that another way through the rooms implies is left out. */
function isDirect(imports: Map<string, Set<string>>, from: string, to: string): boolean {
  const reaches = (room: string): boolean => room === to || [...(imports.get(room) ?? [])].some(reaches);
  return ![...imports.get(from)!].some((other) => other !== to && reaches(other));
}

/** The picture: floors from the top down, and an arrow for every import that no other way implies. */
export function draw(imports: Map<string, Set<string>>): string {
  const floor = floors(imports);
  const top = Math.max(...floor.values());
  const rows = Array.from({ length: top + 1 }, (_, i) =>
    [...floor].filter(([, at]) => at === top - i).map(([room]) => room),
  );
  const wide = Math.max(...rows.map((row) => row.length)) * (WIDTH + GAP) + GAP;
  const places = new Map<string, { x: number; y: number }>();
  rows.forEach((row, i) => {
    const left = (wide - row.length * (WIDTH + GAP) + GAP) / 2 + (i % 2 ? GAP : 0);
    row.sort().forEach((room, k) => places.set(room, { x: left + k * (WIDTH + GAP), y: GAP + i * STEP }));
  });
  const arrows = [...imports].sort().flatMap(([from, others]) =>
    [...others].sort().filter((to) => isDirect(imports, from, to)).map((to) => {
      const [a, b] = [places.get(from)!, places.get(to)!];
      const [x1, y1, x2, y2] = [a.x + WIDTH / 2, a.y + HEIGHT, b.x + WIDTH / 2, b.y - 4];
      const middle = (y1 + y2) / 2;
      return `<path d="M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}"/>`;
    }),
  ); // prettier-ignore
  const boxes = [...places]
    .sort()
    .map(
      ([room, { x, y }]) =>
        `<rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="6"/><text x="${x + WIDTH / 2}" y="${y + 22}">${room}</text>`,
    );
  const height = (top + 1) * STEP;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${height}" role="img" aria-label="The rooms and their imports">
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#7a869a"/></marker></defs>
<rect width="${wide}" height="${height}" fill="#fff"/>
<g fill="none" stroke="#7a869a" stroke-width="1.4" marker-end="url(#head)">
${arrows.map((arrow) => arrow.replace('/>', ' marker-end="url(#head)"/>')).join('\n')}
</g>
<g font-family="system-ui, sans-serif" font-size="15" text-anchor="middle" fill="#172b4d" stroke="none">
${boxes.map((box) => box.replace('<rect', '<rect fill="#e9f2ff" stroke="#579dff"')).join('\n')}
</g>
</svg>
`;
}

if (require.main === module) fs.writeFileSync(TARGET, draw(readImports()));
