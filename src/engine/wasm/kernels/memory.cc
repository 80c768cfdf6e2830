// Memory that several threads take from, and an end for what cannot go on: a trap, which JavaScript sees as an error.
#include <atomic>
#include <cstdarg>
#include <cstdlib>
#include <new>

namespace {

std::atomic_flag busy = ATOMIC_FLAG_INIT;

/** The C library's allocator knows no threads. Whoever holds it is soon done. */
struct Lock {
  Lock() {
    while (busy.test_and_set(std::memory_order_acquire)) {
    }
  }
  ~Lock() { busy.clear(std::memory_order_release); }
};

}  // namespace

extern "C" {

/** 0 where the memory has reached its end; else an address that vectors like. */
__attribute__((export_name("allocate"))) void* allocate(size_t bytes) {
  const Lock lock;
  return std::aligned_alloc(64, (bytes + 63) / 64 * 64);
}

__attribute__((export_name("release"))) void release(void* address) {
  const Lock lock;
  std::free(address);
}
}

void* operator new(size_t bytes) {
  void* address = allocate(bytes > 0 ? bytes : 1);
  if (!address) __builtin_trap();
  return address;
}
void operator delete(void* address) noexcept { release(address); }
void operator delete(void* address, size_t) noexcept { release(address); }

/** What the C++ library calls instead of an exception; its own would bring half of the C library along. */
_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char*, ...) noexcept { __builtin_trap(); }
_LIBCPP_END_NAMESPACE_STD
