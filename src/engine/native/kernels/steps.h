// What a family's description becomes for the operation that computes a whole model: a list of steps.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace spanlab {

/** In the order of `STEP_KINDS` in engine/program.ts. */
enum class StepKind : int32_t { embed, linear, activate, norm, add, attend, rotate };

/** One step, as it comes. Slots hold values [tokens, width]; a step writes none that it reads, but for `rotate`. */
struct Step {
  StepKind kind;
  int32_t to, from;  // slots; `from` is none of an embedding's business
  int32_t other;     // norm: the residual's slot or -1; add: the second summand's; embed: 1 adds to what is there
  int32_t weight;    // embed: the table; linear, norm: theirs; rotate: cosines
  int32_t bias;      // of linear and norm, or -1; rotate: sines
  int32_t a;         // linear: the activation or -1; activate: the activation; attend, rotate: heads; embed: an `Ids`
  int32_t b;         // activate: 1 where it is gated; attend: the window or -1; embed: the id behind which positions count, or -1
};
constexpr int STEP_FIELDS = 8;

/** What chooses the rows of a table. */
enum class Ids : int32_t { tokens, types, positions };

/** A weight, and whoever keeps its numbers alive. A vector is one row. */
struct KeptWeight {
  std::shared_ptr<const float> values;
  int64_t rows, columns;
};

/** How wide things are, by which alone the steps go later. */
struct Widths {
  std::vector<int> written;  // of what each step writes
  std::vector<int> slots;    // of the widest value of each slot
};

/** Whether every step can be computed, and how wide its value is; what cannot is said in `problem`. The last value has two columns. */
Widths measureSteps(const std::vector<Step>& steps, const std::vector<KeptWeight>& weights, std::string& problem);

}  // namespace spanlab
