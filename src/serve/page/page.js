// The page: sends the question, marks the answer in the text, lists the others, and draws the scores of the tokens.
'use strict';

const $ = (id) => document.getElementById(id);
const SVG = 'http://www.w3.org/2000/svg';
/** Of the plot: a token's width, the height of each half. */
const [STEP, HALF] = [7, 70];

async function call(path, body) {
  const options = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(path, options);
  const result = await response.json();
  if (!response.ok) throw new Error(result.error.message);
  return result;
}

async function ask(event) {
  event.preventDefault();
  const asked = { question: $('question').value, context: $('context').value };
  say('…');
  try {
    const { answers } = await call('/api/answer', { ...asked, top_k: 5 });
    const { tokens } = await call('/api/scores', asked);
    $('result').hidden = false;
    listAnswers(answers, asked.context);
    drawScores(tokens);
    say('');
  } catch (error) {
    say(error.message, true);
  }
}

function say(text, isError = false) {
  $('status').textContent = text;
  $('status').className = isError ? 'error' : '';
}

function listAnswers(answers, context) {
  const items = answers.map((answer) => {
    const button = document.createElement('button');
    button.textContent = `${answer.answer || '(no answer)'} · ${(100 * answer.score).toFixed(1)} %`;
    button.addEventListener('click', () => markAnswer(answer, context));
    const item = document.createElement('li');
    item.append(button);
    return item;
  });
  $('answers').replaceChildren(...items);
  markAnswer(answers[0], context);
}

function markAnswer({ start, end }, context) {
  const mark = document.createElement('mark');
  mark.textContent = context.slice(start, end);
  $('marked').replaceChildren(context.slice(0, start), ...(end > start ? [mark] : []), context.slice(end));
}

/** Scores as shares of all tokens (softmax): a start or an end stands out. */
function shares(scores) {
  const highest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function drawScores(tokens) {
  const starts = shares(tokens.map((token) => token.startScore));
  const ends = shares(tokens.map((token) => token.endScore));
  const svg = element('svg', { width: tokens.length * STEP, height: 2 * HALF, role: 'img' });
  tokens.forEach((token, i) => {
    const [up, down] = [HALF * starts[i], HALF * ends[i]];
    const box = { x: i * STEP, width: STEP - 1 };
    const place = element('rect', { ...box, class: 'place', y: 0, height: 2 * HALF });
    const percent = (share) => `${(100 * share).toFixed(1)} %`;
    const text = `${token.text}: start ${percent(starts[i])}, end ${percent(ends[i])}`;
    place.addEventListener('pointerenter', () => ($('token').textContent = text));
    svg.append(
      element('rect', { ...box, class: 'start', y: HALF - up, height: up }),
      element('rect', { ...box, class: 'end', y: HALF, height: down }),
      place,
    );
  });
  $('plot').replaceChildren(svg);
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

$('form').addEventListener('submit', ask);
fetch('/api/model')
  .then((response) => response.json())
  .then(({ name }) => ($('name').textContent = name));
