// Frames in JupyterLab: a table that sorts when a heading is clicked, searches, and turns pages.
import { counted } from '../../src/counted';

export type Cell = string | number | boolean | null;
export interface TableData {
  columns: { name: string; isNumber: boolean }[];
  rows: Cell[][];
  /** Rows of the frame, of which `rows` may hold only the first. */
  total: number;
}

const PAGE = 20;
/** Fewer rows need no search. */
const SEARCHED = 8;

export function drawTable(node: HTMLElement, value: unknown): void {
  new Table(node, value as TableData).draw();
}

class Table {
  private query = '';
  private page = 0;
  private sorted?: { column: number; isDown: boolean };
  private readonly body = element('tbody');
  private readonly status = element('span');
  private readonly heads: HTMLTableCellElement[];
  private readonly turn: HTMLButtonElement[];

  constructor(
    private readonly node: HTMLElement,
    private readonly data: TableData,
  ) {
    this.heads = data.columns.map((column, i) => this.head(column, i));
    this.turn = [-1, 1].map((step) => this.pageButton(step));
    this.status.setAttribute('role', 'status');
  }

  draw(): void {
    const { rows, total, columns } = this.data;
    const table = element('table');
    const head = element('thead');
    const line = element('tr');
    line.append(...this.heads);
    head.append(line);
    table.append(head, this.body);
    this.node.replaceChildren();
    // as JupyterLab styles tables
    this.node.classList.add('jp-RenderedHTMLCommon');
    this.node.style.overflowX = 'auto';
    if (rows.length >= SEARCHED) this.node.append(this.search());
    this.node.append(table);
    const bar = element('p');
    bar.style.margin = '4px 0';
    bar.append(this.status);
    if (rows.length > PAGE) bar.append(' ', ...this.turn);
    this.node.append(bar);
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', `table of ${counted(total, 'row')} and ${counted(columns.length, 'column')}`);
    this.fill();
  }

  private search(): HTMLElement {
    const input = element('input');
    Object.assign(input, { type: 'search', placeholder: 'search these rows', className: 'jp-mod-styled' });
    input.setAttribute('aria-label', 'search these rows');
    input.style.margin = '4px 0';
    input.style.fontSize = 'inherit';
    // keys typed here are not JupyterLab's shortcuts
    input.addEventListener('keydown', (event) => event.stopPropagation());
    input.addEventListener('input', () => {
      [this.query, this.page] = [input.value.toLowerCase(), 0];
      this.fill();
    });
    return input;
  }

  private head({ name, isNumber }: TableData['columns'][number], column: number): HTMLTableCellElement {
    const cell = element('th');
    cell.style.textAlign = isNumber ? 'right' : 'left';
    const button = element('button');
    button.textContent = name;
    button.title = `sort by ${name || 'this column'}`;
    button.style.cssText = 'all: unset; cursor: pointer; font-weight: bold';
    button.addEventListener('focus', () => (button.style.outline = '2px solid currentColor'));
    button.addEventListener('blur', () => (button.style.outline = ''));
    button.addEventListener('click', () => {
      this.sorted = { column, isDown: this.sorted?.column === column && !this.sorted.isDown };
      this.page = 0;
      this.fill();
    });
    cell.append(button);
    return cell;
  }

  private pageButton(step: number): HTMLButtonElement {
    const button = element('button');
    button.className = 'jp-mod-styled jp-mod-minimal';
    button.textContent = step < 0 ? '‹ previous' : 'next ›';
    button.addEventListener('click', () => {
      this.page += step;
      this.fill();
    });
    return button;
  }

  private fill(): void {
    const found = this.found();
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    const from = this.page * PAGE;
    const shown = found.slice(from, from + PAGE);
    this.body.replaceChildren(...shown.map((row) => this.row(row)));
    this.turn.forEach((button, i) => (button.disabled = i === 0 ? this.page === 0 : this.page >= pages - 1));
    this.heads.forEach((head, i) => {
      const isSorted = this.sorted?.column === i;
      head.setAttribute('aria-sort', !isSorted ? 'none' : this.sorted?.isDown ? 'descending' : 'ascending');
      const arrow = !isSorted ? '' : this.sorted?.isDown ? ' ▾' : ' ▴';
      head.firstElementChild!.textContent = this.data.columns[i].name + arrow;
    });
    this.status.textContent = this.sentence(found.length, from, shown.length);
  }

  private sentence(found: number, from: number, shown: number): string {
    const { rows, total, columns } = this.data;
    if (rows.length < SEARCHED && total === rows.length) return '';
    const range = found > shown ? `rows ${from + 1} to ${from + shown} of ${found}` : counted(found, 'row');
    const searched = this.query && found < rows.length ? `, searched in ${rows.length}` : '';
    const rest = total > rows.length ? `, the first ${rows.length} of ${total}` : '';
    return `${range}${searched}${rest} × ${counted(columns.length, 'column')}`;
  }

  private found(): Cell[][] {
    const { rows } = this.data;
    const holds = (row: Cell[]) => row.some((cell) => String(cell).toLowerCase().includes(this.query));
    const found = this.query ? rows.filter(holds) : [...rows];
    if (!this.sorted) return found;
    const { column, isDown } = this.sorted;
    const order = (a: Cell[], b: Cell[]) => compare(a[column], b[column]);
    return found.sort(isDown ? (a, b) => order(b, a) : order);
  }

  private row(cells: Cell[]): HTMLElement {
    const line = element('tr');
    line.append(
      ...cells.map((value, i) => {
        const cell = element('td');
        cell.style.textAlign = this.data.columns[i].isNumber ? 'right' : 'left';
        cell.textContent = value === null ? '' : String(value);
        return cell;
      }),
    );
    return line;
  }
}

/** Numbers by size, all else as words; empty cells last. */
function compare(a: Cell, b: Cell): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

function element<K extends keyof HTMLElementTagNameMap>(name: K): HTMLElementTagNameMap[K] {
  return document.createElement(name);
}
