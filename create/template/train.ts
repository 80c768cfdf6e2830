// Trains a model on your questions and on those that come with spanlab, and asks it something.
// `npm start` goes through all of them three times (some minutes); `npm start -- 20` stops after 20 steps.
import {
  ask,
  chooseBackend,
  placeAnswers,
  profileData,
  chooseProfile,
  QuestionAnsweringModel,
  readSquadRecords,
  readTable,
  resolveModel,
  Tokenizer,
  Trainer,
  windows,
} from 'spanlab';

const OUTPUT = 'models/mine';
const steps = process.argv[2] === undefined ? {} : { steps: Number(process.argv[2]) };

const { name } = await chooseBackend();
const encoder = await resolveModel('workshop');
const tokenizer = await Tokenizer.fromFolder(encoder);
const model = QuestionAnsweringModel.fromPretrained(encoder, { seed: 0 });

const { part } = await profileData(chooseProfile('workshop'));
const own = 'data/questions.csv';
const records = [...placeAnswers(readTable(own), own), ...placeAnswers(readSquadRecords(part), part)];
const features = await windows(records, tokenizer);
console.log(`${records.length} questions, ${features.count} windows, computing with ${name}`);

const trainer = new Trainer({
  model,
  tokenizer,
  features,
  output: OUTPUT,
  options: { epochs: 3, batchSize: 16, learningRate: 2e-4, ...steps },
  onStep: ({ step, totalSteps, loss }) => {
    if (step % 10 === 0 || step === totalSteps) console.log(`step ${step} of ${totalSteps}, loss ${loss.toFixed(3)}`);
  },
});
await trainer.run();

const text =
  'The reading room is open until nine on Thursdays. Mr Abara, who looks after it, keeps a kettle behind the atlas shelf.';
for (const question of ['Who looks after the reading room?', 'Where is the kettle?']) {
  const [best] = await ask(model, tokenizer, question, text);
  console.log(`${question} ${best.answer} (${best.score.toFixed(2)})`);
}
console.log(`the model is in ${OUTPUT}`);
