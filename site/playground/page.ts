// The playground's page: what is shown, and what the person may do next.
import { isolate } from '../page/isolation';
import { make, part, saveBlob } from '../page/parts';
import type { Found, Score, ToPage, ToWorker } from './protocol';

const input = (id: string) => part<HTMLInputElement>(id);
const enable = (isEnabled: boolean, ...ids: string[]) => ids.forEach((id) => (input(id).disabled = !isEnabled));
const losses: number[] = [];
let worker: Worker;

const send = (message: ToWorker) => worker.postMessage(message);

function say(text: string, isError = false): void {
  part('status').textContent = text;
  part('status').className = isError ? 'error' : '';
}

/** While the worker is at something, it is asked for nothing else. */
function busy(isTraining = false): void {
  enable(false, 'file', 'example', 'training', 'train', 'ask', 'save');
  enable(isTraining, 'stop');
}

/** What can be done, by how far one is. */
const reached = { data: false, model: false };
function free(): void {
  enable(true, 'file', 'example');
  enable(reached.data, 'training', 'train');
  enable(reached.model, 'ask', 'save');
  enable(false, 'stop');
}

const handlers: { [K in ToPage['kind']]: (message: Extract<ToPage, { kind: K }>) => void } = {
  ready: ({ engine, models }) => {
    say(`Computes with ${engine}.`);
    part('start').append(...models.map((folder) => Object.assign(make('option', folder), { value: folder })));
    free();
  },
  read: (message) => {
    reached.data = true;
    showRead(message);
    free();
  },
  step: ({ step, total, loss, secondsLeft }) => {
    say('Training …');
    losses.push(loss);
    (part('progress') as unknown as HTMLProgressElement).value = step / total;
    part('step').textContent =
      `Step ${step} of ${total}, loss ${mean(losses.slice(-20)).toFixed(2)}, ${minutes(secondsLeft)} left`;
    drawCurve();
  },
  trained: ({ before, after, stopped, seconds }) => {
    reached.model = true;
    say(`${stopped ? 'Stopped' : 'Trained'} after ${minutes(seconds)}. Ask it something, or save it.`);
    showScores(before, after);
    free();
  },
  answers: ({ answers }) => {
    say('');
    showAnswers(answers);
    free();
  },
  zip: ({ name, zip }) => {
    saveBlob(zip, name);
    say(`${name}: ${(zip.size / 1e6).toFixed(1)} MB`);
    free();
  },
  status: ({ text }) => say(text),
  failed: ({ text }) => {
    say(text, true);
    free();
  },
};

function showRead({ questions, heldOut, texts, problems, text, question }: Extract<ToPage, { kind: 'read' }>): void {
  const measured = heldOut > 0 ? `${heldOut} are held out to measure with.` : 'Too few, or too few texts, to hold some out: nothing will be measured.'; // prettier-ignore
  part('read').textContent = `${questions} questions about ${texts} texts. ${measured}`;
  part('problems').replaceChildren(...problems.map((problem) => make('li', problem)));
  (part('text') as unknown as HTMLTextAreaElement).value = text;
  input('question').value = question;
  say('The table is read.');
}

function showScores(before?: Score, after?: Score): void {
  part('scores').hidden = !before || !after;
  if (!before || !after) return;
  const rows = Object.entries({ before, after }).map(([name, { exact, f1 }]) => {
    const row = make('tr');
    const head = make('th', name);
    head.scope = 'row';
    row.append(head, make('td', exact.toFixed(1)), make('td', f1.toFixed(1)));
    return row;
  });
  part('scores')
    .querySelector('tbody')!
    .replaceChildren(...rows);
}

function showAnswers(answers: Found[]): void {
  const text = (part('text') as unknown as HTMLTextAreaElement).value;
  part('answers').replaceChildren(
    ...answers.map(({ answer, score }) => make('li', `${answer || '(no answer)'} · ${Math.round(100 * score)} %`)),
  );
  const [best] = answers;
  if (!best) return;
  part('marked').replaceChildren(
    text.slice(0, best.start),
    make('mark', text.slice(best.start, best.end)),
    text.slice(best.end),
  );
}

function drawCurve(): void {
  const [curve, line] = [part('curve'), part('curve').firstElementChild!];
  curve.toggleAttribute('hidden', false);
  const most = Math.max(...losses);
  const points = losses.map((_, i) => {
    const around = mean(losses.slice(Math.max(0, i - 9), i + 1));
    return `${((100 * i) / Math.max(1, losses.length - 1)).toFixed(2)},${(100 - (100 * around) / most).toFixed(2)}`;
  });
  line.setAttribute('points', points.join(' '));
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const minutes = (seconds: number) => (seconds < 90 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`);

function listen(): void {
  input('file').addEventListener('change', () => {
    const [file] = input('file').files ?? [];
    if (!file) return;
    busy();
    void file.arrayBuffer().then((bytes) => send({ kind: 'read', name: file.name, bytes: new Uint8Array(bytes) }));
  });
  part('example').addEventListener('click', () => (busy(), send({ kind: 'example' })));
  part('train').addEventListener('click', () => {
    losses.length = 0;
    part('scores').hidden = true;
    busy(true);
    const settings = { start: input('start').value, steps: Number(input('steps').value), mix: input('mix').checked };
    send({ kind: 'train', settings });
  });
  part('stop').addEventListener('click', () => (say('Stopping after this step …'), send({ kind: 'stop' })));
  part('form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (!reached.model) return;
    busy();
    send({ kind: 'ask', question: input('question').value, text: input('text').value });
  });
  part('save').addEventListener('click', () => (busy(), send({ kind: 'save' })));
}

async function begin(): Promise<void> {
  await isolate('service-worker.js?enableCache=false');
  worker = new Worker('vm/playground.js', { type: 'module', name: 'playground' });
  worker.onerror = ({ message }) => say(`The page's program did not start: ${message}`, true);
  worker.onmessage = ({ data }: MessageEvent<ToPage>) => (handlers[data.kind] as (message: ToPage) => void)(data);
  listen();
  send({ kind: 'start', site: new URL('.', location.href).href });
}

void begin();
