#include "steps.h"

#include <algorithm>

namespace spanlab {
namespace {

constexpr int MOST_SLOTS = 64;
constexpr int64_t WIDEST = 1 << 20;

/** Goes through the steps as the computation will, with widths in the place of values. */
class Measure {
 public:
  explicit Measure(const std::vector<KeptWeight>& weights) : weights_(weights) {}

  /** The width of what the step writes, or 0 where it cannot be computed. */
  int64_t step(const Step& s) {
    const int64_t width = widthOf(s);
    if (width <= 0 || width > WIDEST || s.to < 0 || s.to >= MOST_SLOTS) return 0;
    if (s.to >= static_cast<int>(now_.size())) now_.resize(s.to + 1, 0);
    now_[s.to] = width;
    return width;
  }

 private:
  int64_t widthOf(const Step& s) {
    switch (s.kind) {
      case StepKind::embed: return embed(s);
      case StepKind::linear: return linear(s);
      case StepKind::activate: return activate(s);
      case StepKind::norm: return norm(s);
      case StepKind::add: return reads(s, s.other) == reads(s, s.from) ? reads(s, s.from) : 0;
      case StepKind::attend: return attend(s);
      case StepKind::rotate: return rotate(s);
    }
    return 0;
  }

  /** The width of what the slot holds; 0 where that is nothing, or where the step would write over it. */
  int64_t reads(const Step& s, int slot) const { return slot == s.to ? 0 : holds(slot); }
  int64_t holds(int slot) const { return slot >= 0 && slot < static_cast<int>(now_.size()) ? now_[slot] : 0; }

  const KeptWeight* weight(int i) const {
    return i >= 0 && i < static_cast<int>(weights_.size()) ? &weights_[i] : nullptr;
  }
  bool isVector(int i, int64_t width) const {
    const KeptWeight* w = weight(i);
    return w && w->rows == 1 && w->columns == width;
  }
  static bool isActivation(int kind) { return kind >= 0 && kind <= 3; }

  int64_t embed(const Step& s) const {
    const KeptWeight* table = weight(s.weight);
    if (!table || table->rows < 1 || s.a < 0 || s.a > 2) return 0;
    return s.other == 1 && holds(s.to) != table->columns ? 0 : table->columns;
  }

  int64_t linear(const Step& s) const {
    const KeptWeight* w = weight(s.weight);
    if (!w || w->columns != reads(s, s.from) || w->rows > WIDEST || (s.a != -1 && !isActivation(s.a))) return 0;
    return s.bias == -1 || isVector(s.bias, w->rows) ? w->rows : 0;
  }

  int64_t activate(const Step& s) const {
    const int64_t width = reads(s, s.from);
    if (!isActivation(s.a) || (s.b == 1 && width % 2 != 0)) return 0;
    return s.b == 1 ? width / 2 : width;
  }

  int64_t norm(const Step& s) const {
    const int64_t width = reads(s, s.from);
    if (!isVector(s.weight, width) || (s.bias != -1 && !isVector(s.bias, width))) return 0;
    return s.other == -1 || reads(s, s.other) == width ? width : 0;
  }

  int64_t attend(const Step& s) const {
    const int64_t width = reads(s, s.from);
    return s.a >= 1 && width % (3 * static_cast<int64_t>(s.a)) == 0 ? width / 3 : 0;
  }

  int64_t rotate(const Step& s) const {
    const int64_t width = holds(s.from);
    if (s.from != s.to || s.a < 1 || width % (6 * static_cast<int64_t>(s.a)) != 0) return 0;
    const KeptWeight *cosines = weight(s.weight), *sines = weight(s.bias);
    const int64_t half = width / 6 / s.a;
    const bool fit = cosines && sines && cosines->columns == half && sines->columns == half;
    return fit && cosines->rows == sines->rows ? width : 0;
  }

  const std::vector<KeptWeight>& weights_;
  std::vector<int64_t> now_;  // the width of what each slot holds
};

}  // namespace

Widths measureSteps(const std::vector<Step>& steps, const std::vector<KeptWeight>& weights, std::string& problem) {
  Measure measure(weights);
  Widths widths;
  for (size_t i = 0; i < steps.size(); i++) {
    const int width = static_cast<int>(measure.step(steps[i]));
    if (width == 0) {
      problem = "step " + std::to_string(i) + " of " + std::to_string(steps.size()) + " cannot be computed";
      return widths;
    }
    widths.written.push_back(width);
    const size_t slot = steps[i].to;
    if (slot >= widths.slots.size()) widths.slots.resize(slot + 1, 0);
    widths.slots[slot] = std::max(widths.slots[slot], width);
  }
  if (steps.empty() || widths.written.back() != 2) problem = "the last step does not give two scores a token";
  return widths;
}

}  // namespace spanlab
