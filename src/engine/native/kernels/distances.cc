#include "distances.h"

namespace spanlab {

namespace {

/** Rows that are summed one after another. */
constexpr int GROUPS = 4;

size_t countOf(const AttentionShape& shape, const Distances& distances) {
  if (!shape.distances) return 0;
  return static_cast<size_t>(distances.places) * (distances.disentangled ? 2 * distances.size : 1);
}

}  // namespace

Distances::Distances(const AttentionShape& shape)
    : any(shape.distances != nullptr),
      disentangled(shape.disentangled),
      longest((shape.places + 1) / 2),
      places(roundUp(2 * longest + 2 * W, 32) + 16),  // odd in cache lines, as rows of keys are
      size(roundUp(shape.size, W)) {
  if (!any) return;
  const size_t each = static_cast<size_t>(shape.heads) * places;
  if (!disentangled) biases_.resize(each);
  for (auto* list : {&keys_, &keysT_, &queries_, &queriesT_}) list->resize(disentangled ? each * size : 0);
  parallel(shape.heads, [&](int head) { layOut(shape, head); });
}

void Distances::layOut(const AttentionShape& shape, int head) {
  const int hidden = shape.hidden();
  for (int place = 0; place < shape.places; place++) {
    if (!disentangled) {
      biases_[static_cast<size_t>(head) * places + place] = shape.distances[static_cast<size_t>(place) * shape.heads + head];
      continue;
    }
    const float* queries = shape.distances + static_cast<size_t>(place) * 3 * hidden + head * shape.size;
    const size_t first = static_cast<size_t>(head) * places * size;
    for (int j = 0; j < shape.size; j++) {
      const float query = queries[j] * shape.scale(), key = queries[hidden + j];
      queries_[first + place * size + j] = query;
      queriesT_[first + j * places + place] = query;
      keys_[first + place * size + j] = key;
      keysT_[first + j * places + place] = key;
    }
  }
}

DistanceGradients::DistanceGradients(const AttentionShape& shape, const Distances& distances)
    : groups(std::max(1, std::min(GROUPS, shape.rows))),
      rows_(shape.rows),
      heads_(shape.heads),
      count_(countOf(shape, distances)),
      sums_(groups * heads_ * count_) {}

void DistanceGradients::write(const AttentionShape& shape, const Distances& distances, float* gradient) {
  const int hidden = shape.hidden();
  if (distances.disentangled) std::fill(gradient, gradient + static_cast<size_t>(shape.places) * 3 * hidden, 0.0f);
  parallel(shape.heads, [&](int head) {
    float* total = of(0, head);
    for (int group = 1; group < groups; group++) {
      const float* sums = of(group, head);
      for (size_t i = 0; i < count_; i++) total[i] += sums[i];
    }
    for (int place = 0; place < shape.places; place++) {
      if (!distances.disentangled) {
        gradient[static_cast<size_t>(place) * shape.heads + head] = total[place];
        continue;
      }
      const float *key = total + place * distances.size, *query = key + static_cast<size_t>(distances.places) * distances.size;
      float* to = gradient + static_cast<size_t>(place) * 3 * hidden + head * shape.size;
      for (int j = 0; j < shape.size; j++) {
        to[j] = query[j] * shape.scale();
        to[hidden + j] = key[j];
      }
    }
  });
}

size_t HeadDistances::memory(const Head& h, const Distances& all, bool backwards) {
  if (!all.disentangled) return 0;
  const size_t keys = static_cast<size_t>(h.width) * strideOfKeys(h);
  return (backwards ? 2 : 1) * keys + static_cast<size_t>(BLOCK) * strideOfQueries(h);
}

HeadDistances::HeadDistances(const Head& h, const Distances& all, Scratch& scratch, bool backwards)
    : h_(h), all_(all), keyStride_(strideOfKeys(h)), queryStride_(strideOfQueries(h)) {
  if (!all.disentangled) return;
  const size_t keys = static_cast<size_t>(h.width) * keyStride_;
  ofKeys_ = scratch.take(keys);
  ofQueries_ = scratch.take(static_cast<size_t>(BLOCK) * queryStride_);
  if (!backwards) return;
  dOfKeys_ = scratch.take(keys);
  std::fill(dOfKeys_, dOfKeys_ + keys, 0.0f);
}

HeadDistances::Keys::Keys(const HeadDistances& all, int from)
    : count(std::min(BLOCK, all.h_.width - from)),
      place(from + all.all_.longest - all.h_.length),
      span(roundUp(all.h_.length + count - 1, W)) {}

void HeadDistances::start(const float* k) {
  if (!all_.disentangled) return;
  for (int from = 0; from < h_.width; from += BLOCK) {
    const Keys keys(*this, from);
    const Matrix rows = {k + from * h_.size, h_.size, 1};
    float* to = ofKeys_ + static_cast<size_t>(from) * keyStride_;
    multiply(keys.count, keys.span, h_.size, rows, all_.queriesT(h_.head) + keys.place, all_.places, to, keyStride_);
  }
}

void HeadDistances::add(Range range, int from, int count, int padded, const float* q, float* scores) {
  if (!all_.any) return;
  const int place = placeOf(range, from, count), keys = std::min(range.width, h_.keys - range.first);
  if (all_.disentangled) {
    const int span = roundUp(range.width + count - 1, W);
    multiply(padded, span, h_.size, {q, h_.size, 1}, all_.keysT(h_.head) + place, all_.places, ofQueries_, queryStride_);
  }
  for (int i = 0; i < count; i++) {
    float* row = scores + i * h_.stride;
    const float* more = all_.disentangled ? ofQueries_ + i * queryStride_ : all_.biases(h_.head) + place;
    for (int n = 0; n < range.width; n += W) store(row + n, load(row + n) + load(more + count - 1 - i + n));
    if (!all_.disentangled) continue;
    for (int n = 0; n < keys; n++) row[n] += ofKeys_[between(from + i, range.first + n)];
  }
}

void HeadDistances::collect(Range range, int from, int count, int padded, const float* q, const float* gradients, float* dQ,
                            float* sums) {
  if (!all_.any) return;
  const int place = placeOf(range, from, count), keys = std::min(range.width, h_.keys - range.first);
  const int span = roundUp(range.width + count - 1, W);
  if (all_.disentangled) std::fill(ofQueries_, ofQueries_ + padded * queryStride_, 0.0f);
  for (int i = 0; i < count; i++) {
    const float* row = gradients + i * h_.stride;
    float* to = (all_.disentangled ? ofQueries_ + i * queryStride_ : sums + place) + count - 1 - i;
    for (int n = 0; n < range.width; n += W) store(to + n, load(to + n) + load(row + n));
    if (!all_.disentangled) continue;
    for (int n = 0; n < keys; n++) dOfKeys_[between(from + i, range.first + n)] = row[n];
  }
  if (!all_.disentangled) return;
  const int size = h_.size;
  multiply(padded, size, span, {ofQueries_, queryStride_, 1}, all_.keys(h_.head) + place * size, size, dQ, size, true);
  multiply(span, size, padded, {ofQueries_, 1, queryStride_}, q, size, sums + place * size, size, true);
}

void HeadDistances::finish(const float* k, float* dK, float* sums) {
  if (!all_.disentangled) return;
  const int size = h_.size;
  float* dQueries = sums + static_cast<size_t>(all_.places) * size;
  for (int from = 0; from < h_.width; from += BLOCK) {
    const Keys keys(*this, from);
    const float* given = dOfKeys_ + static_cast<size_t>(from) * keyStride_;
    const float* queries = all_.queries(h_.head) + keys.place * size;
    multiply(keys.count, size, keys.span, {given, keyStride_, 1}, queries, size, dK + from * size, size, true);
    multiply(keys.span, size, keys.count, {given, 1, keyStride_}, k + from * size, size, dQueries + keys.place * size, size, true);
  }
}

}  // namespace spanlab
