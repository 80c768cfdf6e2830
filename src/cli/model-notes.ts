// What a person should know of a model before its answers are read: said on stderr, once for each command.
import type { QuestionAnsweringModel } from '../model/question-answering';

const say = (text: string) => void process.stderr.write(`${text}\n`);

/** That windows are shorter than asked for, as run_qa says; that answers are chance; that a part of the weights is not used. */
export function sayOfModel(model: QuestionAnsweringModel, { maxLength }: { maxLength?: number } = {}): void {
  sayIfCut(model, maxLength);
  sayIfUntrained(model);
  sayIfShortened(model);
}

/** That windows are shorter than asked for. */
export function sayIfCut({ config: { maxPositions } }: QuestionAnsweringModel, maxLength = 0): void {
  if (maxLength > maxPositions) {
    say(`windows have ${maxPositions} tokens, not ${maxLength}: the model has no more positions`);
  }
}

function sayIfUntrained({ report }: QuestionAnsweringModel): void {
  if (report.missing.some((name) => name.startsWith('qa_outputs.'))) {
    say('warning: this model has no head for questions yet (qa_outputs), so its answers are chance; train it first');
  }
}

/** A configuration with fewer layers than the weights have is a way to shorten a model, and more often a mistake. */
function sayIfShortened({ config, report }: QuestionAnsweringModel): void {
  const numbers = report.unexpected.map((name) => Number(/\blayers?\.(\d+)\./.exec(name)?.[1] ?? -1));
  const layers = Math.max(-1, ...numbers) + 1;
  if (layers > config.layers) {
    say(
      `warning: the weights have ${layers} layers and config.json says ${config.layers}: the upper ones are not used`,
    );
  }
}
