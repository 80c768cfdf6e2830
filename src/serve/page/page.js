// The page: sends the question, marks the answer in the text, lists the others, and shows the scores of the tokens.
'use strict';

const $ = (id) => document.getElementById(id);

async function call(path, body) {
  const options = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  const result = await response.json();
  if (!response.ok) throw new Error(result.error.message);
  return result;
}

/** The number of the last question; answers to earlier ones are not shown. */
let asked = 0;

async function ask(event) {
  event.preventDefault();
  const number = ++asked;
  const question = { question: $('question').value, context: $('context').value };
  say('Reading …');
  try {
    const mayBeNone = $('none').checked;
    const { answers } = await call('/api/answer', { ...question, top_k: 20, handle_impossible_answer: mayBeNone });
    if (number !== asked) return;
    $('result').hidden = false;
    listAnswers(shown(answers, mayBeNone), question.context);
    const { tokens } = await call('/api/scores', question);
    if (number === asked) showTokens(tokens);
  } catch (error) {
    if (number === asked) refuse(error.message);
  }
}

/** What the page calls the fields of a request. */
const FIELDS = { context: 'Text', question: 'Question' };

/** Says why there is no answer; that to an earlier question would seem to be one. */
function refuse(message) {
  $('result').hidden = true;
  say(
    message.replace(/^(context|question)(?=:)/, (field) => FIELDS[field]),
    true,
  );
}

function say(text, isError = false) {
  $('status').textContent = text;
  $('status').classList.toggle('error', isError);
}

/** The best five, and "no answer" where it is allowed; below the twenty that were asked for, only a bound is known. */
function shown(answers, mayBeNone) {
  const none = answers.find(({ answer }) => answer === '');
  const best = answers.slice(0, 5);
  if (!mayBeNone || answers.length === 0 || best.includes(none)) return best;
  return [...best, none ?? { answer: '', score: answers.at(-1).score, start: 0, end: 0, isBound: true }];
}

/** What would be rounded to "never" is said to be little. */
const percent = (share) => (share > 0 && share < 0.0005 ? '<0.1 %' : `${(100 * Math.min(1, share)).toFixed(1)} %`);
const describe = ({ answer, score, isBound }) =>
  `${answer || '(no answer)'} · ${isBound ? 'below ' : ''}${percent(score)}`;

function listAnswers(answers, context) {
  const buttons = answers.map((answer) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = describe(answer);
    button.addEventListener('click', () => markAnswer(answer, button, context));
    return button;
  });
  const items = buttons.map((button) => {
    const item = document.createElement('li');
    item.append(button);
    return item;
  });
  $('answers').replaceChildren(...items);
  if (answers.length === 0) {
    $('marked').textContent = context;
    say('The text has no words that could be an answer.');
    return;
  }
  markAnswer(answers[0], buttons[0], context);
  say(`Answer: ${describe(answers[0])}`);
}

function markAnswer({ answer, start, end }, chosen, context) {
  const mark = document.createElement('mark');
  mark.textContent = context.slice(start, end);
  $('marked').replaceChildren(context.slice(0, start), ...(end > start ? [mark] : []), context.slice(end));
  $('verdict').textContent = answer === '' ? 'The model says: this text holds no answer.' : '';
  for (const button of $('answers').querySelectorAll('button')) {
    button.setAttribute('aria-pressed', String(button === chosen));
  }
}

/** Scores as probabilities over all tokens (softmax): a start or an end stands out. */
function shares(scores) {
  const highest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function showTokens(tokens) {
  const starts = shares(tokens.map((token) => token.startScore));
  const ends = shares(tokens.map((token) => token.endScore));
  const elements = tokens.map((token, i) => tokenElement(token, starts[i], ends[i]));
  $('tokens').replaceChildren(...elements);
  $('token').textContent = '';
  const best = starts.indexOf(starts.reduce((a, b) => Math.max(a, b), 0));
  if (elements.length > 0) elements[Math.max(0, best)].tabIndex = 0;
}

function tokenElement(token, start, end) {
  const element = document.createElement('div');
  element.className = 'token';
  element.setAttribute('role', 'option');
  element.setAttribute('aria-selected', 'false');
  element.setAttribute('aria-label', `${token.text}: start ${percent(start)}, end ${percent(end)}`);
  element.tabIndex = -1;
  const text = document.createElement('span');
  text.textContent = token.text;
  element.append(bar('up', start), text, bar('down', end));
  return element;
}

function bar(direction, share) {
  const place = document.createElement('div');
  place.className = direction;
  const filled = document.createElement('div');
  filled.className = 'bar';
  filled.style.height = `${100 * share}%`;
  place.append(filled);
  return place;
}

/** One token is chosen at a time; it alone is a stop of the tab key. */
function chooseToken(element) {
  for (const other of $('tokens').children) {
    other.setAttribute('aria-selected', String(other === element));
    other.tabIndex = other === element ? 0 : -1;
  }
  element.focus();
  $('token').textContent = element.getAttribute('aria-label');
}

function moveByKey(event) {
  const all = [...$('tokens').children];
  const at = all.indexOf(document.activeElement);
  const to = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    Home: 0,
    End: all.length - 1,
  };
  const next = event.key === ' ' || event.key === 'Enter' ? all[at] : all[to[event.key]];
  if (!next) return;
  event.preventDefault();
  chooseToken(next);
}

/** The browser says which field is empty; an answer to what stood there before, or one under way, would seem to be one to it. */
function forget() {
  asked++;
  $('result').hidden = true;
  say('');
}

$('form').addEventListener('submit', ask);
$('form').addEventListener('invalid', forget, true); // it does not bubble
$('tokens').addEventListener('keydown', moveByKey);
$('tokens').addEventListener('click', (event) => {
  const token = event.target.closest('.token');
  if (token) chooseToken(token);
});
$('examples').addEventListener('click', (event) => {
  const example = event.target.closest('button');
  if (!example) return;
  $('question').value = example.textContent;
  $('form').requestSubmit();
});
$('context').addEventListener('input', () => ($('examples').hidden = true), { once: true });
$('context').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) $('form').requestSubmit();
});
fetch('/api/model')
  .then((response) => response.json())
  .then(({ name, mayBeNone }) => {
    $('name').textContent = name;
    document.title = `Ask ${name}`;
    $('none').checked = mayBeNone;
  });
