// Work shared among the processor's cores. Who takes which piece is left to chance; what a piece computes is not.
#pragma once

#include <functional>

namespace spanlab {

/** Calls `piece(i)` for every i below `count`, on as many cores as TensorFlow's own kernels take, and returns when all are done. */
void parallel(int count, const std::function<void(int)>& piece);

}  // namespace spanlab
