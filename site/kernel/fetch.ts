// `fetch` as cells and packages call it: files of the project by their place, and servers that a cell has started in this tab.
import { answerHere } from '../node/http';
import { memory } from '../node/files';
import { PROJECT } from '../project';

const own = globalThis.fetch.bind(globalThis);

/** @param site The address of the site, with a slash at its end. */
export function installFetch(site: string): void {
  globalThis.fetch = (input, options) => {
    const text = input instanceof Request ? input.url : String(input);
    const place = /^(?:file:\/\/)?(\/.*)$/.exec(text)?.[1];
    if (place?.startsWith(`${PROJECT}/node_modules/`)) return own(`${site}vm${place}`, options);
    if (place?.startsWith(PROJECT) && memory.existsSync(place)) {
      return Promise.resolve(new Response(new Uint8Array(memory.readFileSync(place) as Buffer)));
    }
    return answerHere(text, options) ?? own(input, options);
  };
}
