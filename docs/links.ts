// Links that lead nowhere, in Markdown files and in the documentation made from them.
import fs from 'node:fs';
import path from 'node:path';

/** A link of a file to something that is not there. */
export interface DeadLink {
  file: string;
  link: string;
}

const isElsewhere = (link: string) => /^[a-z][a-z0-9+.-]*:|^\/\//i.test(link);

/**
 * Relative links of Markdown files that name no file, or no heading of one.
 *
 * @example deadLinks(['README.md'])
 */
export function deadLinks(files: string[]): DeadLink[] {
  return files.flatMap((file) => {
    const text = fs.readFileSync(file, 'utf8').replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, ''); // prettier-ignore
    const links = [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, link]) => link);
    return links.filter((link) => !isElsewhere(link) && !leadsSomewhere(file, link)).map((link) => ({ file, link }));
  });
}

function leadsSomewhere(file: string, link: string): boolean {
  const [name, anchor] = decodeURI(link).split('#');
  const target = name ? path.join(path.dirname(file), name) : file;
  if (!fs.existsSync(target)) return false;
  return !anchor || !target.endsWith('.md') || headings(target).includes(anchor);
}

/** Anchors as GitHub makes them of headings. */
function headings(file: string): string[] {
  const lines = fs.readFileSync(file, 'utf8').replace(/^```.*?^```/gms, '').matchAll(/^#+ +(.*)$/gm); // prettier-ignore
  return [...lines].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  );
}

/** Links of HTML pages in `folder` to pages and anchors that are not there. */
export function deadPages(folder: string): DeadLink[] {
  const pages = new Map<string, string>();
  for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.html')) pages.set(path.join(folder, name), fs.readFileSync(path.join(folder, name), 'utf8'));
  }
  return [...pages].flatMap(([file, text]) =>
    [...text.matchAll(/<a [^>]*?href="([^"]+)"/g)]
      .map(([, link]) => link.replaceAll('&amp;', '&'))
      .filter((link) => !isElsewhere(link) && !leadsToPage(pages, file, link))
      .map((link) => ({ file, link })),
  );
}

function leadsToPage(pages: Map<string, string>, file: string, link: string): boolean {
  const [name, anchor] = decodeURIComponent(link).split('#');
  const target = name ? path.join(path.dirname(file), name) : file;
  if (!fs.existsSync(target)) return false;
  const page = pages.get(target);
  return !anchor || page === undefined || page.includes(`id="${anchor}"`);
}
