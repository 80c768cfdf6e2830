// How a published model is asked: in Python, in Node and in a browser.

const QUESTION = 'Who kept the lamp?';
const CONTEXT =
  'The lighthouse of Marrow Bay was built in 1874 by Agnes Holm, who also kept its lamp for thirty years.';

/**
 * Ready snippets for `name`: a name on the hub, or a folder.
 *
 * @example usage('somebody/lighthouse', true).includes('AutoModelForQuestionAnswering') // true
 */
export function usage(name: string, hasOnnx: boolean): string {
  const [model, question, context] = [name, QUESTION, CONTEXT].map((text) => JSON.stringify(text));
  // a bare name would be looked up on the hub, where it may be somebody else's
  const place = name.includes('/') ? model : JSON.stringify(`./${name}`);
  const python = `In Python, with \`pip install torch transformers\`${name.includes('/') ? '' : ', next to the folder'}:

\`\`\`python
import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(${place})
model = AutoModelForQuestionAnswering.from_pretrained(${place})
question = ${question}
context = ${context}
row = tokenizer(question, context, truncation="only_second", return_tensors="pt")
with torch.no_grad():
    scores = model(**row)
start, end = int(scores.start_logits.argmax()), int(scores.end_logits.argmax())
print(tokenizer.decode(row["input_ids"][0, start : end + 1]))  # [CLS] says that there is no answer
\`\`\``;
  return hasOnnx ? [python, node(model, question, context), browser(model, question, context)].join('\n\n') : python;
}

function node(model: string, question: string, context: string): string {
  return `In Node, with \`npm install @huggingface/transformers\`; a folder is looked for under \`models\`:

\`\`\`js
import { pipeline } from '@huggingface/transformers';

const answer = await pipeline('question-answering', ${model}, { dtype: 'q8' }); // or fp32, fp16
console.log(await answer(${question}, ${context}));
\`\`\``;
}

function browser(model: string, question: string, context: string): string {
  return `In a browser, once the model is on the hub; \`spanlab publish --web DIR\` makes a page that needs neither hub nor network:

\`\`\`html
<p id="answer">loading the model …</p>
<script type="module">
  import { pipeline } from 'https://cdn.jsdelivr.net/npm/@huggingface/transformers@4';

  const ask = await pipeline('question-answering', ${model}, { dtype: 'q8' });
  const { answer } = await ask(${question}, ${context});
  document.getElementById('answer').textContent = answer;
</script>
\`\`\``;
}
