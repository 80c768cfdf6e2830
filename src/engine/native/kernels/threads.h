// Work shared among the processor's cores. Who takes which piece is left to chance; what a piece computes is not.
#pragma once

#include <cstddef>
#include <functional>

namespace spanlab {

/** Calls `piece(i)` for every i below `count`, on as many cores as TensorFlow's own kernels take, and returns when all are done. */
void parallel(int count, const std::function<void(int)>& piece);

/** How many threads `parallel` shares its pieces among, the caller included. */
int threadCount();

/**
 * While one of these lives, threads without work spin instead of sleeping: for many short jobs one behind another. Waking a thread
 * takes some 50 microseconds, which is more than a job of a short text.
 */
class Haste {
 public:
  Haste();
  ~Haste();
  Haste(const Haste&) = delete;
  Haste& operator=(const Haste&) = delete;
};

/** Memory of the thread that asks, for as long as its piece lasts; it grows and stays, and holds anything at first. */
float* threadMemory(size_t floats);

}  // namespace spanlab
