// The page: a passage, a question, the answer marked in the passage, and what else might be it.
import type { AskedAnswer } from '../../evaluation/pipeline';
import type { Question, Report } from './messages';
import { type Passage, PASSAGES } from './passages';

const $ = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const [passage, text] = [$<HTMLSelectElement>('passage'), $<HTMLTextAreaElement>('text')];
const [question, mayBeNone] = [$<HTMLInputElement>('question'), $<HTMLInputElement>('none')];
const OWN = String(PASSAGES.length);

const worker = new Worker('worker.js', { type: 'module' });
/** The number of the last question; answers to earlier ones are not shown. */
let asked = 0;
let context = '';
let isNoneAllowed = false;

function say(message: string, isError = false): void {
  $('status').textContent = message;
  $('status').classList.toggle('error', isError);
}

/** Says why there is no answer; that to an earlier question would seem to be one. */
function refuse(message: string): void {
  $('result').hidden = true;
  // the page calls it the text
  say(message.replace(/^the context\b/, 'the text'), true);
}

function choose(): void {
  const chosen = PASSAGES[Number(passage.value)] as Passage | undefined;
  text.value = chosen?.text ?? '';
  question.value = chosen?.questions[0] ?? '';
  if (!chosen) text.focus();
  const buttons = (chosen?.questions ?? []).map((example) => button(example, () => askExample(example)));
  $('examples').replaceChildren(...buttons);
  $('result').hidden = true;
}

function askExample(example: string): void {
  question.value = example;
  $<HTMLFormElement>('form').requestSubmit();
}

function ask(event: Event): void {
  event.preventDefault();
  if ($<HTMLButtonElement>('ask').disabled) return say('The model is not here yet.');
  [context, isNoneAllowed] = [text.value, mayBeNone.checked];
  say('Reading …');
  const message: Question = { id: ++asked, question: question.value, context, mayBeNone: isNoneAllowed };
  worker.postMessage(message);
}

/** An answer, or "no answer" where it is not among those that came: then only a bound of its share is known. */
type Shown = AskedAnswer & { isBound?: boolean };

/** The best ones, and "no answer" where it is allowed. */
function withNone(answers: AskedAnswer[]): Shown[] {
  const last = answers.at(-1);
  if (!isNoneAllowed || last === undefined || answers.some(({ answer }) => answer === '')) return answers;
  return [...answers, { answer: '', score: last.score, start: 0, end: 0, isBound: true }];
}

function show(best: AskedAnswer[]): void {
  $('result').hidden = false;
  const answers = withNone(best);
  const items = answers.map((answer, i) => {
    const item = document.createElement('li');
    item.append(button(describe(answer), () => mark(answer), i === 0));
    return item;
  });
  $('answers').replaceChildren(...items);
  if (answers.length > 0) mark(answers[0]);
  say(answers.length > 0 ? `Answer: ${describe(answers[0])}` : 'The text has no words.');
}

/** Spans with the same words in several windows add up, to more than 1 at times; what would be rounded to "never" is said to be little. */
const percent = (score: number) =>
  score > 0 && score < 0.0005 ? '<0.1 %' : `${(100 * Math.min(1, score)).toFixed(1)} %`;
const describe = ({ answer, score, isBound }: Shown) =>
  `${answer || '(no answer)'} · ${isBound ? 'below ' : ''}${percent(score)}`;

function mark(answer: Shown): void {
  const { start, end } = answer;
  const marked = document.createElement('mark');
  marked.textContent = context.slice(start, end);
  $('marked').replaceChildren(context.slice(0, start), ...(end > start ? [marked] : []), context.slice(end));
  $('verdict').textContent = answer.answer === '' ? 'The model says: this text holds no answer.' : '';
  $('answers')
    .querySelectorAll('button')
    .forEach((other) => other.setAttribute('aria-pressed', String(other.textContent === describe(answer))));
}

function button(label: string, onClick: () => void, isPressed?: boolean): HTMLButtonElement {
  const made = document.createElement('button');
  [made.type, made.textContent] = ['button', label];
  if (isPressed !== undefined) made.setAttribute('aria-pressed', String(isPressed));
  made.addEventListener('click', onClick);
  return made;
}

function loading(bytes: number, total: number): void {
  const bar = $<HTMLProgressElement>('loading');
  [bar.value, bar.max] = [bytes, total];
  $('loaded').textContent = `${(bytes / 1e6).toFixed(0)} of ${(total / 1e6).toFixed(0)} MB`;
}

function ready(knowsNone: boolean): void {
  $('load').hidden = true;
  $<HTMLButtonElement>('ask').disabled = false;
  mayBeNone.checked = knowsNone;
  say('Ready.');
}

worker.onmessage = ({ data }: MessageEvent<Report>) => {
  if (data.kind === 'loading') return loading(data.bytes, data.total);
  if (data.kind === 'ready') return ready(data.knowsNone);
  if (data.kind === 'error' && (data.id ?? asked) === asked) return refuse(data.message);
  if (data.kind === 'error') return; // of an earlier question
  if (data.id !== asked) return;
  if (data.kind === 'answers') return show(data.answers);
  if (data.total > 1) say(`Reading: ${data.windows} of ${data.total} parts …`);
};
worker.onerror = () =>
  say(
    'worker.js and ort.js did not start: the server must give them out as JavaScript, and the browser run modules.',
    true,
  );

const titles = [...PASSAGES.map(({ title }) => title), 'A text of your own'];
passage.replaceChildren(...titles.map((title, i) => new Option(title, String(i))));
/** The browser says which field is empty; an answer to what stood there before, or one under way, would seem to be one to it. */
function forget(): void {
  asked++;
  $('result').hidden = true;
  say('');
}

passage.addEventListener('change', choose);
text.addEventListener('input', () => {
  passage.value = OWN;
  $('examples').replaceChildren();
});
text.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) $<HTMLFormElement>('form').requestSubmit();
});
$('form').addEventListener('submit', ask);
$('form').addEventListener('invalid', forget, true); // it does not bubble
choose();
