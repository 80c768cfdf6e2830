// Dropout whose decisions are computed from a seed and an element's number: the way back draws them again, nothing is kept.
#pragma once

#include "simd.h"

namespace spanlab {

class Dropout {
 public:
  /** `stream` sets places apart that share a seed. */
  Dropout(float rate, const int32_t seed[2], uint32_t stream)
      : on(rate > 0), scale(1 / (1 - rate)), limit_(static_cast<uint32_t>(rate * 4294967296.0)) {
    first_ = mix(mix(mix(0x9e3779b9u ^ seed[0]) + seed[1]) + stream);
    second_ = mix(first_ + 0x85ebca6bu);
  }

  const bool on;
  const float scale;  // of what is kept

  /** All bits of a lane set where the element of that number is kept. */
  ivec kept(uint32_t number) const {
    uvec x = count(number) * 0x9e3779b1u + first_;
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = ((x ^ (x >> 15)) + second_) * 0x846ca68bu;
    return (x ^ (x >> 16)) >= limit_;
  }

  /** What is kept, enlarged; 0 elsewhere. */
  vec apply(vec x, uint32_t number) const { return on ? (kept(number) ? x * scale : vec{}) : x; }

 private:
  /** Wellons' hash "lowbias32". */
  static uint32_t mix(uint32_t x) {
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
  }

  uint32_t limit_, first_, second_;
};

}  // namespace spanlab
