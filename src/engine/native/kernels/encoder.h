// A whole model as one operation, for answers: weights laid out once, memory of its own, and nobody asked between the first step
// and the last.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bytes.h"
#include "panels.h"
#include "steps.h"

namespace spanlab {

/** Rows of tokens: row `i` has the first offsets[i + 1] - offsets[i] ids of its line. */
struct TokenRows {
  int rows, sequence;
  const int32_t* ids;      // [rows, sequence]
  const int32_t* types;    // [rows, sequence], or null: all 0
  const int32_t* offsets;  // [rows + 1]
  const int32_t* keys;     // [rows]: how many of its tokens may be looked at
};

class Encoder {
 public:
  /** The steps have been measured. `narrow`: products in 8 bits, but for the last, which gives the scores. */
  Encoder(const std::vector<Step>& steps, const std::vector<float>& epsilons, std::vector<KeptWeight> weights,
          const Widths& widths, bool narrow);

  /** Scores [rows, sequence] of start and end, the worst where there is no token. What is wrong with the ids comes back, or nothing. */
  std::string run(const TokenRows& batch, float* start, float* end);

 private:
  struct Group;
  struct Stage {
    Step step;
    float epsilon;
    int width;                           // of what it writes
    std::unique_ptr<Panels> panels;      // of a linear step
    std::unique_ptr<BytePanels> narrow;  // in their place
  };

  std::string runGroup(const TokenRows& batch, const Group& group);
  std::string embed(const Stage& stage, const TokenRows& batch, const Group& group);
  void compute(const Stage& stage, const Group& group);
  void linear(const Stage& stage, int tokens);
  void normalize(const Stage& stage, int tokens);
  void attend(const Stage& stage, const Group& group);
  void turn(const Stage& stage, const Group& group);
  void spread(const TokenRows& batch, const Group& group, float* start, float* end) const;

  float* slot(int index) const { return slots_[index].get(); }
  const float* weight(int index) const { return index < 0 ? nullptr : weights_[index].values.get(); }
  void makeRoom(int tokens);

  std::vector<KeptWeight> weights_;
  std::vector<Stage> stages_;
  std::vector<int> slotWidths_;
  std::vector<Aligned<float>> slots_;
  ByteRows rounded_;
  int room_ = 0;     // tokens that the slots have room for
  std::mutex busy_;  // the slots are those of one run at a time
};

}  // namespace spanlab
