// A whole model as operations of TensorFlow: one takes its steps and weights and gives a number, one computes with that number.
#include <map>
#include <mutex>

#include "encoder.h"
#include "operation.h"

namespace spanlab {
namespace {

/** Models by their numbers, for all of Node's threads. One that is let go ends with the last run that uses it. */
class Shelf {
 public:
  int32_t put(std::shared_ptr<Encoder> encoder) {
    const std::lock_guard<std::mutex> lock(mutex_);
    encoders_[++last_] = std::move(encoder);
    return last_;
  }
  std::shared_ptr<Encoder> find(int32_t number) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = encoders_.find(number);
    return found == encoders_.end() ? nullptr : found->second;
  }
  bool remove(int32_t number) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return encoders_.erase(number) > 0;
  }

 private:
  std::mutex mutex_;
  std::map<int32_t, std::shared_ptr<Encoder>> encoders_;
  int32_t last_ = 0;
};

Shelf& shelf() {
  static Shelf* all = new Shelf();
  return *all;
}

std::vector<KeptWeight> keepWeights(Call& call, int first, int count) {
  std::vector<KeptWeight> weights;
  for (int i = first; i < first + count && call.ok(); i++) {
    const int rank = call.size(i) > 0 ? call.rank(i) : 0;
    if (rank != 1 && rank != 2) {
      call.fail("weight " + std::to_string(i - first) + " is neither a vector nor a matrix");
      break;
    }
    weights.push_back({call.keep(i), rank == 2 ? call.length(i, 0) : 1, call.length(i, rank - 1)});
  }
  return weights;
}

std::vector<Step> readSteps(const int32_t* fields, int count) {
  std::vector<Step> steps;
  for (int i = 0; i < count; i++) {
    const int32_t* f = fields + i * STEP_FIELDS;
    steps.push_back({static_cast<StepKind>(f[0]), f[1], f[2], f[3], f[4], f[5], f[6], f[7]});
  }
  return steps;
}

// inputs: steps [n, fields], epsilons [n], weights; `flag`: products in 8 bits
void runPrepare(Call& call, const Attributes& attributes) {
  if (!call.expectMatrix(0, "steps") || !call.expect(0, "steps", {call.rows(0), STEP_FIELDS})) return;
  const int count = call.rows(0);
  if (!call.expect(1, "epsilons", {count})) return;
  const std::vector<Step> steps = readSteps(call.input<int32_t>(0), count);
  std::vector<KeptWeight> weights = keepWeights(call, 2, attributes.count);
  if (!call.ok()) return;
  std::string problem;
  const Widths widths = measureSteps(steps, weights, problem);
  if (!problem.empty()) return call.fail(problem);
  const bool narrow = attributes.flag != 0;
  if (narrow && !multipliesBytes()) return call.fail("this processor does not multiply bytes");
  const std::vector<float> epsilons(call.input<float>(1), call.input<float>(1) + count);
  int32_t* number = call.output<int32_t>(0, TF_INT32, {});
  if (!call.ok()) return;
  *number = shelf().put(std::make_shared<Encoder>(steps, epsilons, std::move(weights), widths, narrow));
}

/** Every row begins where the last one ended, has at least one key, and no more tokens than its line. */
bool areLines(Call& call, const int32_t* offsets, const int32_t* keys, int rows, int sequence) {
  if (!areRows(call, offsets, keys, rows, offsets[rows])) return false;
  for (int row = 0; row < rows; row++) {
    if (offsets[row + 1] - offsets[row] <= sequence) continue;
    call.fail("offsets give row " + std::to_string(row) + " more than its " + std::to_string(sequence) + " tokens");
    return false;
  }
  return true;
}

// inputs: number, ids [rows, sequence], types [rows, sequence] or nothing, offsets, keys
void runWhole(Call& call, const Attributes&) {
  if (!call.expect(0, "number", {}) || !call.expectMatrix(1, "ids") || !call.expectVector(4, "keys")) return;
  const int rows = call.rows(1), sequence = call.columns(1);
  if (!(call.size(2) == 0 || call.expect(2, "types", {rows, sequence})) || !call.expect(3, "offsets", {rows + 1}) ||
      !call.expect(4, "keys", {rows})) {
    return;
  }
  const TokenRows batch = {rows, sequence, call.input<int32_t>(1), call.optional<int32_t>(2), call.input<int32_t>(3), call.input<int32_t>(4)};
  if (!areLines(call, batch.offsets, batch.keys, rows, sequence)) return;
  const std::shared_ptr<Encoder> encoder = shelf().find(*call.input<int32_t>(0));
  if (!encoder) return call.fail("no model has the number " + std::to_string(*call.input<int32_t>(0)));
  float* start = call.output<float>(0, TF_FLOAT, {rows, sequence});
  float* end = call.output<float>(1, TF_FLOAT, {rows, sequence});
  if (!call.ok()) return;
  const std::string problem = encoder->run(batch, start, end);
  if (!problem.empty()) call.fail(problem);
}

void runForget(Call& call, const Attributes&) {
  if (!call.expect(0, "number", {})) return;
  const bool found = shelf().remove(*call.input<int32_t>(0));
  if (float* done = call.output<float>(0, TF_FLOAT, {})) *done = found ? 1 : 0;
}

// inputs: none
void runMultipliesBytes(Call& call, const Attributes&) {
  if (float* able = call.output<float>(0, TF_FLOAT, {})) *able = multipliesBytes() ? 1 : 0;
}

}  // namespace

void addWhole(std::string& problem) {
  define("SpanlabPrepare", {"steps: int32", "epsilons: float", "weights: N * float"}, {"number: int32"}, problem);
  implement<runPrepare>("SpanlabPrepare", TF_FLOAT, problem);
  define("SpanlabWhole", {"number: int32", "ids: int32", "types: int32", "offsets: int32", "keys: int32"},
         {"start: float", "end: float"}, problem);
  implement<runWhole>("SpanlabWhole", TF_FLOAT, problem);
  define("SpanlabForget", {"number: int32"}, {"done: float"}, problem);
  implement<runForget>("SpanlabForget", TF_FLOAT, problem);
  define("SpanlabMultipliesBytes", {}, {"able: float"}, problem);
  implement<runMultipliesBytes>("SpanlabMultipliesBytes", TF_FLOAT, problem);
}

}  // namespace spanlab
