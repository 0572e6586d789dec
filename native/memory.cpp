// glibc gives every block of more than some megabytes back to the system when it is freed, and gets a new one, page by
// page and zeroed, at the next operator. A training step frees and takes hundreds of such blocks: a fifth of the
// processor time of a small model went into page faults. So freed blocks stay with the process and are used again.
// Whoever sets glibc's own variables (MALLOC_MMAP_MAX_, MALLOC_TRIM_THRESHOLD_) keeps the choice.

#include <cstdlib>

#if defined(__linux__)
#include <malloc.h>
#endif

#if defined(__GLIBC__)
namespace {

__attribute__((constructor)) void keep_freed_memory() {
    if (std::getenv("MALLOC_MMAP_MAX_") != nullptr || std::getenv("MALLOC_TRIM_THRESHOLD_") != nullptr) return;
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
    mallopt(M_TOP_PAD, 64 << 20);
}

}  // namespace
#endif
