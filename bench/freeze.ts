// What frozen layers save: the same rows and epochs with more and more of the model frozen, in turns, by the processor's time.
// node --import tsx bench/freeze.ts DATA MODEL [QUESTIONS] [EPOCHS]
import { chooseBackend } from '../src/engine/backend';
import { QuestionAnsweringModel } from '../src/model/question-answering';
import { resolveModel } from '../src/model/resolve';
import { textTable } from '../src/show/text-table';
import { placeAnswers } from '../src/squad/end';
import { readSquadRecords } from '../src/squad/read';
import { Tokenizer } from '../src/tokens/tokenizer';
import { windows } from '../src/tokens/windows';
import { Trainer } from '../src/training/trainer';

async function main([data, name, questions = '64', epochs = '4']: string[]): Promise<void> {
  await chooseBackend();
  const folder = await resolveModel(name);
  const records = placeAnswers(readSquadRecords(data, { answers: 'honest' }), data).slice(0, Number(questions));
  const features = await windows(records, await Tokenizer.fromFolder(folder), { maxLength: 256, docStride: 64 });
  const { layers } = QuestionAnsweringModel.fromPretrained(folder).config;
  const spent = new Map<number, number[]>();
  for (let round = 0; round < 2; round++) {
    for (let freeze = 0; freeze <= layers; freeze += Math.ceil(layers / 3)) {
      const model = QuestionAnsweringModel.fromPretrained(folder);
      const before = process.cpuUsage();
      await new Trainer({ model, features, options: { epochs: Number(epochs), batchSize: 8, freeze } }).run();
      const { user, system } = process.cpuUsage(before);
      model.dispose();
      spent.set(freeze, [...(spent.get(freeze) ?? []), (user + system) / 1e6]);
    }
  }
  const least = (freeze: number) => Math.min(...spent.get(freeze)!);
  const rows = [...spent.keys()].map((freeze) => ({
    frozen: freeze,
    'processor, s': least(freeze).toFixed(1),
    'of all': (least(freeze) / least(0)).toFixed(2),
    faster: `${(least(0) / least(freeze)).toFixed(1)}x`,
  }));
  process.stdout.write(textTable(rows));
}

void main(process.argv.slice(2));
