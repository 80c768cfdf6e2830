// The process that `measureTraining` starts: trains two passes over some rows and prints what it took as one line of JSON.
import { chooseBackend } from '../engine/backend';
import { QuestionAnsweringModel } from '../model/question-answering';
import { readFeatures } from '../tokens/feature-file';
import type { Features } from '../tokens/features';
import type { MeasureJob } from './measure';
import type { TrainerOptions } from './options';
import type { StepReport } from './state';
import { Trainer } from './trainer';
import { say, tell } from '../terminal';

async function main(): Promise<void> {
  const job = JSON.parse(process.argv[2]) as MeasureJob;
  await chooseBackend();
  const features = await readFeatures(job.features);
  const model = QuestionAnsweringModel.fromPretrained(job.encoder, { seed: 0 });
  const pass = (options: Partial<TrainerOptions>) => trainOnce(model, features, { ...job.options, ...options });
  await pass({ steps: 1 }); // the first step makes room in memory
  const passes = [await pass({ epochs: 1 }), await pass({ epochs: 1 })];
  const { examples, tokens, seconds } = passes.map((reports) => reports.at(-1)!).reduce(faster);
  const result = {
    examplesPerSecond: examples / seconds,
    tokensPerSecond: tokens / seconds,
    peakMemory: process.resourceUsage().maxRSS * 1024, // KiB there
    passSeconds: passes.map((reports) => reports.at(-1)!.seconds),
    loss: passes[0].reduce((sum, { loss }) => sum + loss, 0) / passes[0].length,
  };
  tell(`${JSON.stringify(result)}\n`);
}

async function trainOnce(
  model: QuestionAnsweringModel,
  features: Features,
  options: Partial<TrainerOptions>,
): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  await new Trainer({ model, features, options, onStep: (report) => void reports.push(report) }).run();
  return reports;
}

const faster = (a: StepReport, b: StepReport) => (a.seconds < b.seconds ? a : b);

main().catch((error: Error) => {
  say(error.message);
  process.exitCode = 1;
});
