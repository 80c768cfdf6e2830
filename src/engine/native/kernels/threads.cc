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
unsigned threadCount() {
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  const char* wanted = std::getenv("TF_NUM_INTRAOP_THREADS");
  const long count = wanted ? std::strtol(wanted, nullptr, 10) : 0;
  return count > 0 ? static_cast<unsigned>(std::min(count, 1024L)) : cores;
}

/** Threads that sleep between jobs. Never destroyed: they end with the process. */
class Pool {
 public:
  Pool() : helpers_(threadCount() - 1) {
    for (unsigned i = 0; i < helpers_; i++) std::thread([this] { serve(); }).detach();
  }

  void run(int count, const std::function<void(int)>& piece) {
    std::lock_guard<std::mutex> one(caller_);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      piece_ = &piece;
      count_ = count;
      next_ = 0;
      busy_ = helpers_;
      job_++;
    }
    wake_.notify_all();
    work();
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
  }

 private:
  void work() {
    for (int i = next_++; i < count_; i = next_++) (*piece_)(i);
  }

  void serve() {
    for (uint64_t seen = 0;;) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return job_ != seen; });
        seen = job_;
      }
      work();
      std::lock_guard<std::mutex> lock(mutex_);
      if (--busy_ == 0) done_.notify_one();
    }
  }

  const unsigned helpers_;
  std::mutex caller_, mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int)>* piece_ = nullptr;
  int count_ = 0;
  std::atomic<int> next_{0};
  unsigned busy_ = 0;
  uint64_t job_ = 0;
};

}  // namespace

float* threadMemory(size_t floats) {
  thread_local std::vector<float> memory;
  if (memory.size() < floats) memory.resize(floats);
  return memory.data();
}

void parallel(int count, const std::function<void(int)>& piece) {
  static Pool* pool = new Pool();
  if (count == 1) return piece(0);
  pool->run(count, piece);
}

}  // namespace spanlab
