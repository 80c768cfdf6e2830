// Compares every XQuAD window and label with what Python printed (tokens.json): npx tsx test/reference/tokens-xquad.ts FILE
import { readFileSync } from 'node:fs';
import type { SquadRecord } from '../../src/squad/record';
import { addTokenPositions, answerEnd, sequenceRange } from '../../src/tokens/positions';
import type { Tokenizer } from '../../src/tokens/tokenizer';
import { labelSpan } from '../../src/tokens/labels';
import { type Digest, digest, reference, toFeatureRow, toRow, withoutWords } from '../tokens/reference';
import { windows } from '../../src/tokens/windows';
import { BACKENDS, loadTokenizer } from '../tokens/vocabulary';
import { codePointStarts } from '../../src/tokens/code-points';

interface XquadFile {
  data: {
    paragraphs: {
      context: string;
      qas: { id: string; question: string; answers: { text: string; answer_start: number }[] }[];
    }[];
  }[];
}

function readXquad(path: string): SquadRecord[] {
  const paragraphs = (JSON.parse(readFileSync(path, 'utf8')) as XquadFile).data.flatMap(
    (article) => article.paragraphs,
  );
  return paragraphs.flatMap(({ context, qas }) => {
    const starts = codePointStarts(context);
    return qas.map(({ id, question, answers }) => ({
      id,
      title: '',
      context,
      question,
      answers: answers.map(({ text, answer_start: at }) => ({ text, answerStart: starts[at] })),
      plausibleAnswers: [],
      isImpossible: false,
    }));
  });
}

/** Full rows through the tokenizer's call; the same windows again as features, which must agree with them. */
async function windowDigest(records: SquadRecord[], tokenizer: Tokenizer, config: (typeof reference.xquad)[number]) {
  const { order, maxLength, overlap } = config;
  const sequence = order === 'question-first' ? 1 : 0;
  // BERT's tokens do not depend on the white space that run_qa strips from questions
  const questions = records.map((record) => record.question);
  const contexts = records.map((record) => record.context);
  const batch = await tokenizer.encodeBatch(
    sequence === 1 ? questions : contexts,
    sequence === 1 ? contexts : questions,
    {
      truncation: sequence === 1 ? 'only_second' : 'only_first',
      maxLength,
      stride: overlap,
      returnOverflowingTokens: true,
    },
  );
  const features = await windows(records, tokenizer, { order, maxLength, docStride: overlap });
  const rows = [...batch].map((encoding, i) => {
    const { rowStart, offsets, sequences } = batch.rows;
    const [contextStart, contextEnd] = sequenceRange(sequences.subarray(rowStart[i], rowStart[i + 1]), sequence);
    const answer = records[encoding.sample].answers[0];
    const label = labelSpan(
      { offsets, rowStart: rowStart[i], contextStart, contextEnd },
      answer.answerStart,
      answerEnd(answer),
    );
    const row = toRow(encoding, label);
    const feature = JSON.stringify(toFeatureRow(features, i));
    if (feature !== JSON.stringify(withoutWords(row))) throw new Error(`feature ${i} is not row ${i}`);
    return row;
  });
  return digest(rows);
}

async function lessonDigest(records: SquadRecord[], tokenizer: Tokenizer): Promise<Digest> {
  const contexts = records.map((record) => record.context);
  const questions = records.map((record) => record.question);
  const batch = await tokenizer.encodeBatch(contexts, questions, { truncation: true, padding: true });
  const answers = records.map((record) => ({ ...record.answers[0], answerEnd: answerEnd(record.answers[0]) }));
  const { startPositions, endPositions } = addTokenPositions(batch, answers, { truncated: tokenizer.modelMaxLength });
  return digest([...batch].map((row, i) => [i, 0, [...row.inputIds], startPositions[i], endPositions[i]]));
}

async function main(path: string): Promise<void> {
  const records = readXquad(path);
  let failures = 0;
  const report = (name: string, ours: Digest, expected: Digest) => {
    const equal = ours.sha256 === expected.sha256;
    if (!equal) failures++;
    console.log(`${equal ? 'equal' : 'DIFFERENT'}  ${name}  ${ours.rows} rows, ${ours.tokens} tokens`);
  };
  for (const backend of BACKENDS) {
    const tokenizer = await loadTokenizer(backend);
    for (const config of reference.xquad) {
      const ours = await windowDigest(records, tokenizer, config);
      report(`${backend} ${config.order} ${config.maxLength}/${config.overlap}`, ours, config);
    }
    report(`${backend} lesson`, await lessonDigest(records, tokenizer), reference.lesson);
  }
  process.exitCode = failures > 0 ? 1 : 0;
}

void main(process.argv[2] ?? 'xquad.en.json');
