#include "encoder.h"

#include <algorithm>

#include "attention.h"
#include "moments.h"
#include "threads.h"

namespace spanlab {
namespace {

/** Rows go through together up to so many tokens: what they become on the way stays in cache, and memory bounded. */
constexpr int GROUP = 512;
/** Tokens of a piece of work that goes token by token. */
constexpr int FEW = 16;
/** As `PADDING_SCORE` in model/layout.ts. */
constexpr float WORST = -1e30f;

/** Calls `work(from, to)` for pieces of the tokens. */
template <class Work>
void everyFew(int tokens, const Work& work) {
  parallel((tokens + FEW - 1) / FEW, [&](int i) { work(i * FEW, std::min(tokens, (i + 1) * FEW)); });
}

float* at(float* values, int token, int width) { return values + static_cast<int64_t>(token) * width; }

}  // namespace

/** Rows that go through together. */
struct Encoder::Group {
  int first, rows;               // of the batch
  std::vector<int32_t> offsets;  // from the group's first token on
  const int32_t* keys;

  int tokens() const { return offsets.back(); }
  int length(int row) const { return offsets[row + 1] - offsets[row]; }

  Group(const TokenRows& batch, int first) : first(first), rows(0), offsets{0}, keys(batch.keys + first) {
    for (int row = first; row < batch.rows; row++) {
      const int end = batch.offsets[row + 1] - batch.offsets[first];
      if (rows > 0 && end > GROUP) break;
      offsets.push_back(end);
      rows++;
    }
  }
};

Encoder::Encoder(const std::vector<Step>& steps, const std::vector<float>& epsilons, std::vector<KeptWeight> weights,
                 const Widths& widths, bool narrow)
    : weights_(std::move(weights)), slotWidths_(widths.slots), slots_(widths.slots.size()) {
  for (size_t i = 0; i < steps.size(); i++) {
    const Step& step = steps[i];
    stages_.push_back({step, epsilons[i], widths.written[i], nullptr, nullptr});
    if (step.kind != StepKind::linear) continue;
    const float* matrix = weight(step.weight);
    const int columns = static_cast<int>(weights_[step.weight].rows), inner = static_cast<int>(weights_[step.weight].columns);
    if (narrow && i + 1 < steps.size()) stages_[i].narrow = std::make_unique<BytePanels>(matrix, columns, inner);
    else stages_[i].panels = std::make_unique<Panels>(matrix, columns, inner);
  }
}

void Encoder::makeRoom(int tokens) {
  if (tokens <= room_) return;
  room_ = tokens;
  for (size_t i = 0; i < slots_.size(); i++) {
    slots_[i].reset();
    slots_[i] = allocateAligned<float>(static_cast<int64_t>(tokens) * slotWidths_[i]);
  }
}

std::string Encoder::run(const TokenRows& batch, float* start, float* end) {
  const std::lock_guard<std::mutex> one(busy_);
  const Haste haste;
  for (int row = 0; row < batch.rows;) {
    const Group group(batch, row);
    makeRoom(group.tokens());
    const std::string problem = runGroup(batch, group);
    if (!problem.empty()) return problem;
    spread(batch, group, start, end);
    row += group.rows;
  }
  return "";
}

std::string Encoder::runGroup(const TokenRows& batch, const Group& group) {
  for (const Stage& stage : stages_) {
    if (stage.step.kind != StepKind::embed) {
      compute(stage, group);
      continue;
    }
    const std::string problem = embed(stage, batch, group);
    if (!problem.empty()) return problem;
  }
  return "";
}

void Encoder::compute(const Stage& stage, const Group& group) {
  const Step& s = stage.step;
  const int tokens = group.tokens();
  switch (s.kind) {
    case StepKind::linear: return linear(stage, tokens);
    case StepKind::activate:
      return activation<float>({tokens, stage.width}, static_cast<Activation>(s.a), s.b == 1, slot(s.from), nullptr, slot(s.to));
    case StepKind::norm: return normalize(stage, tokens);
    case StepKind::add: return spanlab::add<float>({tokens, stage.width}, slot(s.from), slot(s.other), slot(s.to));
    case StepKind::attend: return attend(stage, group);
    case StepKind::rotate: return turn(stage, group);
    case StepKind::embed: return;
  }
}

namespace {

/** The rows of a table for the tokens of a row. */
class Chosen {
 public:
  Chosen(const Step& step, const TokenRows& batch, int row)
      : kind_(static_cast<Ids>(step.a)),
        padding_(step.b),
        ids_(batch.ids + static_cast<int64_t>(row) * batch.sequence),
        types_(batch.types ? batch.types + static_cast<int64_t>(row) * batch.sequence : nullptr) {}

  /** For the places from 0 on, one after another. */
  int32_t next(int place) {
    if (kind_ == Ids::tokens) return ids_[place];
    if (kind_ == Ids::types) return types_ ? types_[place] : 0;
    if (padding_ < 0) return place;
    // as RoBERTa counts: tokens from the padding's id on, and padding has that id itself
    return ids_[place] == padding_ ? padding_ : padding_ + ++count_;
  }

 private:
  const Ids kind_;
  const int32_t padding_;
  const int32_t *ids_, *types_;
  int32_t count_ = 0;
};

}  // namespace

std::string Encoder::embed(const Stage& stage, const TokenRows& batch, const Group& group) {
  const Step& s = stage.step;
  const int64_t known = weights_[s.weight].rows;
  std::vector<int32_t> chosen;
  for (int row = 0; row < group.rows; row++) {
    Chosen ids(s, batch, group.first + row);
    for (int place = 0; place < group.length(row); place++) {
      chosen.push_back(ids.next(place));
      if (chosen.back() >= 0 && chosen.back() < known) continue;
      return "the number " + std::to_string(chosen.back()) + " of row " + std::to_string(group.first + row) +
             " is not one of the " + std::to_string(known) + " rows of its table";
    }
  }
  const float* table = weight(s.weight);
  everyFew(group.tokens(), [&](int from, int to) {
    for (int i = from; i < to; i++) {
      const float* row = table + static_cast<int64_t>(chosen[i]) * stage.width;
      float* sum = at(slot(s.to), i, stage.width);
      if (s.other != 1) std::copy_n(row, stage.width, sum);
      else for (int j = 0; j < stage.width; j++) sum[j] += row[j];
    }
  });
  return "";
}

void Encoder::linear(const Stage& stage, int tokens) {
  const Step& s = stage.step;
  const Finish finish = {weight(s.bias), s.a >= 0, static_cast<Activation>(std::max(0, s.a))};
  if (stage.panels) return product(tokens, slot(s.from), *stage.panels, finish, slot(s.to));
  rounded_.round(tokens, stage.narrow->inner, slot(s.from));
  product(tokens, rounded_, *stage.narrow, finish, slot(s.to));
}

/** layerNorm(x + residual), where there is a residual. */
void Encoder::normalize(const Stage& stage, int tokens) {
  const Step& s = stage.step;
  const int width = stage.width;
  const float *gain = weight(s.weight), *offset = weight(s.bias);
  everyFew(tokens, [&](int from, int to) {
    for (int i = from; i < to; i++) {
      const float* x = at(slot(s.from), i, width);
      const float* residual = s.other < 0 ? nullptr : at(slot(s.other), i, width);
      float* y = at(slot(s.to), i, width);
      for (int j = 0; j < width; j += W) {
        const int n = width - j;
        store(y + j, residual ? load(x + j, n) + load(residual + j, n) : load(x + j, n), n);
      }
      float mean, inverse;
      moments(y, width, stage.epsilon, mean, inverse);
      for (int j = 0; j < width; j += W) {
        const int n = width - j;
        const vec scaled = (load(y + j, n) - mean) * inverse * load(gain + j, n);
        store(y + j, offset ? scaled + load(offset + j, n) : scaled, n);
      }
    }
  });
}

void Encoder::attend(const Stage& stage, const Group& group) {
  static const int32_t noSeed[2] = {0, 0};
  const Step& s = stage.step;
  const AttentionShape shape = {group.rows, group.offsets.data(), group.keys, group.tokens(), s.a, stage.width / s.a, s.b, 0, noSeed};
  attention<float>(shape, slot(s.from), nullptr, slot(s.to), nullptr);
}

void Encoder::turn(const Stage& stage, const Group& group) {
  const Step& s = stage.step;
  AttentionShape shape = {};
  shape.rows = group.rows;
  shape.offsets = group.offsets.data();
  shape.heads = s.a;
  shape.size = stage.width / 3 / s.a;
  rotate(shape, weight(s.weight), weight(s.bias), false, slot(s.to));
}

void Encoder::spread(const TokenRows& batch, const Group& group, float* start, float* end) const {
  const float* scores = slot(stages_.back().step.to);  // [tokens, 2]
  for (int row = 0; row < group.rows; row++) {
    const int64_t to = static_cast<int64_t>(group.first + row) * batch.sequence;
    for (int place = 0; place < batch.sequence; place++) {
      const bool isToken = place < group.length(row);
      const float* score = scores + 2 * static_cast<int64_t>(group.offsets[row] + place);
      start[to + place] = isToken ? score[0] : WORST;
      end[to + place] = isToken ? score[1] : WORST;
    }
  }
}

}  // namespace spanlab
