// What a process has the GPU do, by kernel: a library that CUDA loads into it (CUDA_INJECTION64_PATH) and that writes a table to the file
// which SPANLAB_PROFILE names when the process ends. Built on the machine: profile.sh.
#include <cupti.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace {

struct Sum {
  uint64_t count = 0;
  uint64_t nanoseconds = 0;
};

std::mutex mutex;
std::map<std::string, Sum> kernels;
uint64_t first = UINT64_MAX;
uint64_t last = 0;

void CUPTIAPI give(uint8_t** buffer, size_t* size, size_t* records) {
  *size = 8 << 20;
  *buffer = static_cast<uint8_t*>(aligned_alloc(8, *size));
  *records = 0;
}

void CUPTIAPI take(CUcontext, uint32_t, uint8_t* buffer, size_t, size_t valid) {
  const std::lock_guard<std::mutex> lock(mutex);
  CUpti_Activity* record = nullptr;
  while (cuptiActivityGetNextRecord(buffer, valid, &record) == CUPTI_SUCCESS) {
    uint64_t start = 0, end = 0;
    std::string name;
    if (record->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL || record->kind == CUPTI_ACTIVITY_KIND_KERNEL) {
      const auto* kernel = reinterpret_cast<CUpti_ActivityKernel9*>(record);
      start = kernel->start, end = kernel->end, name = kernel->name;
    } else if (record->kind == CUPTI_ACTIVITY_KIND_MEMCPY) {
      const auto* copy = reinterpret_cast<CUpti_ActivityMemcpy5*>(record);
      start = copy->start, end = copy->end, name = "copy " + std::to_string(copy->copyKind);
    } else if (record->kind == CUPTI_ACTIVITY_KIND_MEMSET) {
      const auto* set = reinterpret_cast<CUpti_ActivityMemset4*>(record);
      start = set->start, end = set->end, name = "set";
    }
    if (name.empty()) continue;
    Sum& sum = kernels[name];
    sum.count++;
    sum.nanoseconds += end - start;
    first = std::min(first, start);
    last = std::max(last, end);
  }
  free(buffer);
}

void write() {
  cuptiActivityFlushAll(1);
  const char* target = std::getenv("SPANLAB_PROFILE");
  std::FILE* file = target ? std::fopen((std::string(target) + "." + std::to_string(getpid())).c_str(), "w") : nullptr;
  if (!file) return;
  std::vector<std::pair<std::string, Sum>> list(kernels.begin(), kernels.end());
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.second.nanoseconds > b.second.nanoseconds; });
  uint64_t busy = 0, count = 0;
  for (const auto& [name, sum] : list) busy += sum.nanoseconds, count += sum.count;
  std::fprintf(file, "%.3f ms busy in %.3f ms, %lu launches\n", busy / 1e6, (last - first) / 1e6, count);
  for (const auto& [name, sum] : list) {
    std::fprintf(file, "%10.3f ms %8lu %s\n", sum.nanoseconds / 1e6, sum.count, name.substr(0, 160).c_str());
  }
  std::fclose(file);
}

}  // namespace

extern "C" int InitializeInjection() {
  cuptiActivityRegisterCallbacks(give, take);
  for (CUpti_ActivityKind kind :
       {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY, CUPTI_ACTIVITY_KIND_MEMSET}) {
    cuptiActivityEnable(kind);
  }
  std::atexit(write);
  return 1;
}
