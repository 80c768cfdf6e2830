#include "threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

namespace spanlab {
namespace {

/** All cores, or what TF_NUM_INTRAOP_THREADS says, which TensorFlow's own kernels go by. */
unsigned wantedThreads() {
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  const char* wanted = std::getenv("TF_NUM_INTRAOP_THREADS");
  const long count = wanted ? std::strtol(wanted, nullptr, 10) : 0;
  return count > 0 ? static_cast<unsigned>(std::min(count, 1024L)) : cores;
}

/** How often a thread in haste looks before it sleeps: some 50 microseconds, about what waking it takes. */
constexpr int LOOKS = 1500;

/** Looks until `done` or until it has looked often enough. */
template <class Done>
void spin(const Done& done) {
  for (int look = 0; look < LOOKS && !done(); look++) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
}

/**
 * Threads that sleep between jobs, and before they do so look around for a while where somebody is in haste. A piece belongs to whoever
 * counts it down, so that a thread that the system keeps away is not waited for. Never destroyed: they end with the process.
 */
class Pool {
 public:
  Pool() : helpers_(wantedThreads() - 1) {
    for (unsigned i = 0; i < helpers_; i++) std::thread([this] { serve(); }).detach();
  }

  void run(int count, const std::function<void(int)>& piece) {
    std::lock_guard<std::mutex> one(caller_);
    piece_ = &piece;
    count_ = count;
    done_ = 0;
    left_ = count;
    if (asleep_ > 0) {
      std::lock_guard<std::mutex> lock(mutex_);
      wake_.notify_all();
    }
    work();
    if (haste_ > 0) spin([&] { return done_ == count; });
    if (done_ == count) return;
    std::unique_lock<std::mutex> lock(mutex_);
    finished_.wait(lock, [&] { return done_ == count; });
  }

  int threads() const { return static_cast<int>(helpers_) + 1; }

  /** From a `hasten(1)` to its `hasten(-1)` there is haste. */
  void hasten(int by) { haste_ += by; }

 private:
  /** A piece that nobody else has, or -1. What belongs to the job stays as it is until the piece is done. */
  int claim() {
    int left = left_;
    while (left > 0) {
      if (left_.compare_exchange_weak(left, left - 1)) return count_ - left;
    }
    return -1;
  }

  void work() {
    for (int i = claim(); i >= 0; i = claim()) {
      const int count = count_;
      (*piece_)(i);
      if (++done_ < count) continue;
      std::lock_guard<std::mutex> lock(mutex_);
      finished_.notify_one();
    }
  }

  void serve() {
    for (;;) {
      work();
      if (haste_ > 0) spin([this] { return left_ > 0; });
      if (left_ > 0) continue;
      std::unique_lock<std::mutex> lock(mutex_);
      asleep_++;  // before the look at what is left: whoever leaves something looks at the sleepers behind that
      wake_.wait(lock, [this] { return left_ > 0; });
      asleep_--;
    }
  }

  const unsigned helpers_;
  std::mutex caller_, mutex_;
  std::condition_variable wake_, finished_;
  std::atomic<const std::function<void(int)>*> piece_{nullptr};
  std::atomic<int> count_{0}, left_{0}, done_{0}, haste_{0}, asleep_{0};
};

Pool& pool() {
  static Pool* all = new Pool();
  return *all;
}

}  // namespace

float* threadMemory(size_t floats) {
  thread_local std::vector<float> memory;
  if (memory.size() < floats) memory.resize(floats);
  return memory.data();
}

int threadCount() { return pool().threads(); }

void parallel(int count, const std::function<void(int)>& piece) {
  if (count == 1) return piece(0);
  pool().run(count, piece);
}

Haste::Haste() { pool().hasten(1); }
Haste::~Haste() { pool().hasten(-1); }

}  // namespace spanlab
