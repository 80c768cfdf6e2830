// The same work on the threads that JavaScript starts: each calls `serve` once and never comes back.
#include "../../native/kernels/threads.h"

#include <atomic>
#include <new>

namespace spanlab {
namespace {

/** The number of the job in the upper half, that of its next piece in the lower. */
std::atomic<uint64_t> ticket{0};
std::atomic<int> called{0};  // changes with every job: what sleeping threads wait for
std::atomic<int> done{0}, sleeping{0};
std::atomic<int> count{0};
const std::function<void(int)>* work = nullptr;
int helpers = 0;
bool mayWait = false;  // a browser's page must not

/** A ticket with this in its lower half has no piece to give. */
constexpr uint32_t CLOSED = 0x7fffffff;

/** Roughly how long a thread looks for new work before it sleeps: longer than the pause between two kernels. */
constexpr int PATIENCE = 20000;

/** The next piece of the job `number`, -1 where none is left or the job is over. */
int claim(uint32_t number) {
  uint64_t seen = ticket.load();
  while (static_cast<uint32_t>(seen >> 32) == number && static_cast<int>(seen & 0xffffffff) < count.load()) {
    if (ticket.compare_exchange_weak(seen, seen + 1)) return static_cast<int>(seen & 0xffffffff);
  }
  return -1;
}

/** Takes pieces until none is left. */
void help(uint32_t number) {
  for (int i = claim(number); i >= 0; i = claim(number)) {
    (*work)(i);
    done.fetch_add(1);
  }
}

int* address(std::atomic<int>& value) { return reinterpret_cast<int*>(&value); }

}  // namespace

float* threadMemory(size_t floats) {
  thread_local float* memory = nullptr;
  thread_local size_t size = 0;
  if (size < floats) {
    ::operator delete(memory);
    memory = static_cast<float*>(::operator new(floats * sizeof(float)));
    size = floats;
  }
  return memory;
}

int threadCount() { return helpers + 1; }

void parallel(int pieces, const std::function<void(int)>& piece) {
  if (helpers == 0 || pieces <= 1) {
    for (int i = 0; i < pieces; i++) piece(i);
    return;
  }
  const uint32_t number = static_cast<uint32_t>(ticket.load() >> 32) + 1;
  const uint64_t first = static_cast<uint64_t>(number) << 32;
  ticket.store(first | CLOSED);  // who is late for the last job finds it over
  work = &piece;
  count.store(pieces);
  done.store(0);
  ticket.store(first);
  called.store(static_cast<int>(number));
  if (sleeping.load() > 0) __builtin_wasm_memory_atomic_notify(address(called), helpers);
  help(number);
  for (int spins = 0; done.load() < pieces; spins++) {
    if (mayWait && spins > PATIENCE) {
      const int seen = done.load();
      if (seen < pieces) __builtin_wasm_memory_atomic_wait32(address(done), seen, 1000000);
    }
  }
}

extern "C" {

/** What `parallel` may rely on: this many threads in `serve`, and whether the caller is allowed to sleep. */
__attribute__((export_name("setThreads"))) void setThreads(int others, bool canWait) {
  helpers = others;
  mayWait = canWait;
}

/** The life of a helping thread. */
__attribute__((export_name("serve"))) void serve() {
  for (int seen = 0;;) {
    for (int spins = 0; called.load() == seen; spins++) {
      if (spins < PATIENCE) continue;
      sleeping.fetch_add(1);
      __builtin_wasm_memory_atomic_wait32(address(called), seen, -1);
      sleeping.fetch_sub(1);
    }
    seen = called.load();
    help(static_cast<uint32_t>(seen));
  }
}
}

}  // namespace spanlab
