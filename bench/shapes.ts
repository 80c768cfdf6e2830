// The models that bench/train trains: the sizes of published ones, in config.json's words, with random weights.

const WIDE = { hidden_size: 768, num_hidden_layers: 12, num_attention_heads: 12, intermediate_size: 3072 };
const RANDOM = { initializer_range: 0.02, hidden_dropout_prob: 0.1, attention_probs_dropout_prob: 0.1 };

/** By the name for `--size`; MiniLM is not here, because its weights are there. */
export const SHAPES: Record<string, Record<string, unknown>> = {
  distilbert: { model_type: 'distilbert', vocab_size: 30522 },
  'bert-base': { model_type: 'bert', vocab_size: 30522, ...WIDE, ...RANDOM },
  // google/electra-small-discriminator
  'electra-small': {
    model_type: 'electra',
    vocab_size: 30522,
    embedding_size: 128,
    hidden_size: 256,
    num_hidden_layers: 12,
    num_attention_heads: 4,
    intermediate_size: 1024,
    ...RANDOM,
  },
  // FacebookAI/roberta-base
  'roberta-base': {
    model_type: 'roberta',
    vocab_size: 50265,
    max_position_embeddings: 514,
    type_vocab_size: 1,
    pad_token_id: 1,
    layer_norm_eps: 1e-5,
    ...WIDE,
    ...RANDOM,
  },
  // answerdotai/ModernBERT-base, which has no dropout
  'modernbert-base': {
    model_type: 'modernbert',
    vocab_size: 50368,
    hidden_size: 768,
    num_hidden_layers: 22,
    num_attention_heads: 12,
    intermediate_size: 1152,
    max_position_embeddings: 8192,
    global_attn_every_n_layers: 3,
    local_attention: 128,
    global_rope_theta: 160000,
    local_rope_theta: 10000,
    pad_token_id: 50283,
  },
  // microsoft/deberta-v3-xsmall
  'deberta-v3-xsmall': {
    model_type: 'deberta-v2',
    vocab_size: 128100,
    hidden_size: 384,
    num_hidden_layers: 12,
    num_attention_heads: 6,
    intermediate_size: 1536,
    relative_attention: true,
    position_buckets: 256,
    pos_att_type: ['p2c', 'c2p'],
    norm_rel_ebd: 'layer_norm',
    share_att_key: true,
    position_biased_input: false,
    max_position_embeddings: 512,
    max_relative_positions: -1,
    type_vocab_size: 0,
    layer_norm_eps: 1e-7,
    ...RANDOM,
  },
};

/** Of these PyTorch has no fused attention. */
export const EAGER_ONLY = ['deberta-v3-xsmall'];
