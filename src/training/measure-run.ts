// The process that `measureTraining` starts: trains one pass over some rows and prints what it took as one line of JSON.
import { chooseBackend } from '../engine/backend';
import { QuestionAnsweringModel } from '../model/question-answering';
import { readFeatures } from '../tokens/feature-file';
import type { MeasureJob } from './measure';
import type { StepReport } from './state';
import { Trainer } from './trainer';

async function main(): Promise<void> {
  const job = JSON.parse(process.argv[2]) as MeasureJob;
  await chooseBackend();
  const features = await readFeatures(job.features);
  const model = QuestionAnsweringModel.fromPretrained(job.encoder, { seed: 0 });
  const reports: StepReport[] = [];
  const options = { ...job.options, epochs: 1 };
  await new Trainer({ model, features, options: { ...options, steps: 1 } }).run(); // the first step makes room in memory
  await new Trainer({ model, features, options, onStep: (report) => void reports.push(report) }).run();
  const { examples, tokens, seconds } = reports.at(-1)!;
  const result = {
    ...{ examplesPerSecond: examples / seconds, tokensPerSecond: tokens / seconds },
    peakMemory: process.resourceUsage().maxRSS * 1024, // KiB there
    stepSeconds: reports.map((report, i) => report.seconds - (reports[i - 1]?.seconds ?? 0)),
    loss: reports.reduce((sum, { loss }) => sum + loss, 0) / reports.length,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
