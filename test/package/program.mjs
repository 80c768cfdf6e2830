// What the test of the package runs in an empty project: a tiny model learns two answers by heart.
import fs from 'node:fs';
import {
  ask,
  chooseBackend,
  placeAnswers,
  QuestionAnsweringModel,
  readConfig,
  savePretrained,
  Tokenizer,
  Trainer,
  windows,
} from 'spanlab';

const words = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  '[MASK]',
  'what',
  'colour',
  'is',
  'the',
  'door',
  'roof',
  'red',
  'blue',
  'and',
  '?',
  '.',
];
const config = {
  model_type: 'bert',
  vocab_size: words.length,
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 64,
  max_position_embeddings: 40,
  initializer_range: 0.1,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
};
fs.mkdirSync('tiny', { recursive: true });
fs.writeFileSync('tiny/config.json', JSON.stringify(config));
fs.writeFileSync('tiny/vocab.txt', `${words.join('\n')}\n`);
const { name: backend } = await chooseBackend();
const tokenizer = await Tokenizer.fromFolder('tiny');
const model = QuestionAnsweringModel.fromConfig(readConfig('tiny'), { seed: 1 });
const context = 'the door is red and the roof is blue .';
const record = (id, question, text) => ({
  id,
  title: 'house',
  context,
  question,
  answers: [{ text, answerStart: context.indexOf(text) }],
  plausibleAnswers: [],
  isImpossible: false,
});
const questions = ['what colour is the door ?', 'what colour is the roof ?'];
const records = placeAnswers([record('1', questions[0], 'red'), record('2', questions[1], 'blue')], 'program.mjs');
const features = await windows(records, tokenizer, { maxLength: 30, docStride: 8 });
const losses = [];
const options = { steps: 60, batchSize: 2, learningRate: 1e-2 };
await new Trainer({ model, features, options, onStep: ({ loss }) => losses.push(loss) }).run();
const answersOf = (of) =>
  Promise.all(questions.map(async (question) => (await ask(of, tokenizer, question, context))[0].answer));
const answers = await answersOf(model);
await savePretrained(model, tokenizer, 'saved');
const reopened = await answersOf(QuestionAnsweringModel.fromPretrained('saved'));
console.log(JSON.stringify({ backend, losses, answers, reopened }));
