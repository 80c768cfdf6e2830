// The front page: what the machine can do, and the models that this browser keeps.
import { openFiles } from '../kernel/database';
import { addFile, keptFolders, removeFolder, zipKept } from './kept';
import { isolate } from './isolation';
import { describeMachine } from './machine';
import { make, part, saveBlob } from './parts';

async function showMachine(): Promise<void> {
  await isolate('service-worker.js?enableCache=false');
  const lines = await describeMachine();
  part('machine').replaceChildren(...lines.flatMap(([term, value]) => [make('dt', term), make('dd', value)]));
}

async function showKept(database: IDBDatabase): Promise<void> {
  const folders = await keptFolders(database);
  const rows = folders.map(({ folder, bytes, hasModel }) => {
    const row = make('li');
    const size = `${(bytes / 1e6).toFixed(1)} MB`;
    row.append(make('span', `${folder}${hasModel ? '' : ' (no model)'}, ${size}`));
    row.append(
      button(`Save as zip: ${folder}`, 'Save as zip', async () => {
        saveBlob(await zipKept(database, folder), `${folder.replace(/^.*\//, '')}.zip`);
        return `${folder} was saved.`;
      }),
      button(`Delete: ${folder}`, 'Delete', async () => {
        if (!confirm(`Delete ${folder} from this browser?`)) return '';
        await removeFolder(database, folder);
        await showKept(database);
        return `${folder} was deleted.`;
      }),
    );
    return row;
  });
  part('kept').replaceChildren(...rows);
  part('none').hidden = rows.length > 0;
}

/** A button whose work may fail; what it says is said beneath. */
function button(name: string, text: string, work: () => Promise<string>): HTMLButtonElement {
  const made = make('button', text);
  made.setAttribute('aria-label', name);
  made.addEventListener('click', () => {
    made.disabled = true;
    void tell(work).finally(() => (made.disabled = false));
  });
  return made;
}

async function tell(work: () => Promise<string>): Promise<void> {
  const status = part('status');
  status.className = '';
  try {
    status.textContent = await work();
  } catch (error) {
    status.className = 'error';
    status.textContent = (error as Error).message;
  }
}

async function start(): Promise<void> {
  const database = await openFiles().catch(() => undefined);
  if (!database) {
    part('none').textContent =
      'This browser keeps nothing (a private window?): save your models before you close a tab.';
    return;
  }
  await showKept(database);
  const input = part<HTMLInputElement>('add');
  input.addEventListener('change', () => {
    void tell(async () => {
      const places = [];
      for (const file of input.files ?? []) places.push(await addFile(database, file));
      input.value = '';
      await showKept(database);
      return `Added ${places.join(', ')}. Notebooks that are open see it after Kernel > Restart.`;
    });
  });
  // what a notebook in another tab has written meanwhile
  document.addEventListener('visibilitychange', () => void (document.hidden || showKept(database)));
}

void showMachine();
void tell(async () => {
  await start();
  return '';
});
