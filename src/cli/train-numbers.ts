// The flags of `spanlab train` that take a number: the option that each stands for, and what it is.

export const NUMBERS = {
  epochs: ['epochs', 'passes over the data'],
  steps: ['steps', 'optimizer steps to train for, instead of --epochs; 0 goes by epochs'],
  'least-steps': ['leastSteps', 'least number of steps: with few rows, more epochs are trained'],
  'teacher-weight': [
    'teacherWeight',
    'with --teacher: how much of the loss is the distance from the scores of the teacher',
  ],
  'teacher-temperature': [
    'teacherTemperature',
    'with --teacher: temperature by which the scores of both models are divided',
  ],
  augment: ['augment', 'changed copies of each question: a word mistyped or left out, sentences in another order'],
  batch: ['batchSize', 'rows in a batch'],
  freeze: ['freeze', 'how many of the lowest layers to freeze, together with the embeddings; 0 freezes nothing'],
  dropout: ['dropout', "dropout probability; by default that of the model's config.json"],
  accumulate: ['accumulate', 'batches whose gradients are added up for one step'],
  lr: ['learningRate', 'highest learning rate'],
  warmup: ['warmup', 'fraction of the steps over which the learning rate rises'],
  'weight-decay': ['weightDecay', 'weight decay of the weight matrices'],
  'max-grad-norm': ['maxGradientNorm', 'gradients are clipped to this norm; 0 clips nothing'],
  seed: ['seed', 'fixes the order of rows, dropout and new weights'],
  'evaluate-every': ['evaluateEvery', 'steps between evaluations; 0 evaluates only at the end'],
  patience: ['patience', 'stop after this many evaluations without a better model; 0 never stops early'],
  'checkpoint-every': ['checkpointEvery', 'steps between checkpoints; 0 writes one only when the run is stopped'],
  keep: ['keepCheckpoints', 'checkpoints kept in addition to the best'],
  'max-length': ['maxLength', 'tokens in a window'],
  'doc-stride': ['docStride', 'tokens by which windows overlap; by default 128, or half of a shorter window'],
} as const satisfies Record<string, [option: string, description: string]>;
