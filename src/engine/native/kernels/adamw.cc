#include "adamw.h"

#include <algorithm>

#include "simd.h"
#include "threads.h"

namespace spanlab {
namespace {

constexpr int64_t STRETCH = 1 << 16;  // elements that one thread takes at a time

struct Stretch {
  int tensor;
  int64_t from, to;
};

std::vector<Stretch> stretches(const std::vector<int64_t>& sizes) {
  std::vector<Stretch> list;
  for (size_t i = 0; i < sizes.size(); i++) {
    for (int64_t from = 0; from < sizes[i]; from += STRETCH) {
      list.push_back({static_cast<int>(i), from, std::min(sizes[i], from + STRETCH)});
    }
  }
  return list;
}

vec root(vec x) {
  vec y;
  for (int i = 0; i < W; i++) y[i] = std::sqrt(x[i]);
  return y;
}

void update(const Weight& weight, const AdamOptions& o, int64_t from, int64_t to) {
  const float keep = weight.decays ? 1 - o.rate * o.decay : 1;
  const float rate = o.rate / o.correction1;
  const float widen = 1 / std::sqrt(o.correction2);
  for (int64_t i = from; i < to; i += W) {
    const int n = static_cast<int>(std::min<int64_t>(W, to - i));
    const vec g = load(weight.gradient + i, n) * o.scale;
    const vec m = load(weight.first + i, n) * o.beta1 + g * (1 - o.beta1);
    const vec v = load(weight.second + i, n) * o.beta2 + g * g * (1 - o.beta2);
    store(weight.first + i, m, n);
    store(weight.second + i, v, n);
    const vec step = m / (root(v) * widen + o.epsilon);
    store(weight.value + i, load(weight.value + i, n) * keep - step * rate, n);
  }
}

}  // namespace

void adamw(const std::vector<Weight>& weights, const AdamOptions& options) {
  std::vector<int64_t> sizes;
  for (const Weight& weight : weights) sizes.push_back(weight.size);
  const std::vector<Stretch> list = stretches(sizes);
  parallel(static_cast<int>(list.size()),
           [&](int i) { update(weights[list[i].tensor], options, list[i].from, list[i].to); });
}

double squaredNorm(const std::vector<const float*>& tensors, const std::vector<int64_t>& sizes) {
  const std::vector<Stretch> list = stretches(sizes);
  std::vector<double> sums(list.size());
  parallel(static_cast<int>(list.size()), [&](int i) {
    const auto [tensor, from, to] = list[i];
    vec total = {};
    double whole = 0;
    for (int64_t j = from; j < to; j += W) {
      const vec x = load(tensors[tensor] + j, static_cast<int>(std::min<int64_t>(W, to - j)));
      total += x * x;
      if ((j - from) % (64 * W) == 63 * W) {  // float sums stay short
        whole += sum(total);
        total = vec{};
      }
    }
    sums[i] = whole + sum(total);
  });
  double total = 0;
  for (double part : sums) total += part;
  return total;
}

}  // namespace spanlab
