// glibc gives every block of more than some megabytes back to the system when it is freed, and gets a new one, page by
// page and zeroed, at the next operator. A training step frees and takes hundreds of such blocks: a fifth of the
// processor time of a small model went into page faults. So freed blocks stay with the process and are used again.
// Whoever sets glibc's own variables (MALLOC_MMAP_MAX_, MALLOC_TRIM_THRESHOLD_) keeps the choice. Threads other than the first get
// heaps of 64 MiB, and blocks that do not fit go to the system and back all the same; so whoever starts the lab sets
// MALLOC_ARENA_MAX to 1, which glibc reads before this does: then all threads share the first one's heap, which has no end.
//
// Rows of one head's keys lie some kilobytes apart, each in another page of 4 KiB, and the processor keeps the places of
// only so many pages. So large blocks are asked for in pages of 2 MiB; the system gives them where it has them.

#include <c10/core/CPUAllocator.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

#if defined(__linux__)
#include <malloc.h>
#include <sys/mman.h>
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

#if defined(__linux__) && defined(MADV_HUGEPAGE)
namespace {

constexpr size_t kHugePage = 2 << 20;

// The library's own allocator, which says what it wants of large blocks.
class HugePages final : public c10::Allocator {
public:
    explicit HugePages(c10::Allocator* inner) : inner_(inner) {}

    // Not marked as overriding: whether the library's is const, and whether it has copy_data, differs from version to version.
    c10::DataPtr allocate(size_t bytes) { return advised(bytes); }
    c10::DataPtr allocate(size_t bytes) const { return advised(bytes); }
    void copy_data(void* to, const void* from, std::size_t count) const { std::memcpy(to, from, count); }

    c10::DeleterFnPtr raw_deleter() const override { return inner_->raw_deleter(); }

private:
    c10::DataPtr advised(size_t bytes) const {
        c10::DataPtr block = inner_->allocate(bytes);
        if (bytes >= kHugePage / 4) {
            // The pages that the block lies in, whole ones: what lies around it are blocks that were or will be asked for here too.
            const auto begin = reinterpret_cast<uintptr_t>(block.get()) / kHugePage * kHugePage;
            const auto end = (reinterpret_cast<uintptr_t>(block.get()) + bytes + kHugePage - 1) / kHugePage * kHugePage;
            // A wish: where it is not granted, small pages do.
            if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
        }
        return block;
    }

    c10::Allocator* inner_;
};

__attribute__((constructor)) void use_huge_pages() {
    static HugePages pages(c10::GetDefaultCPUAllocator());
    c10::SetCPUAllocator(&pages);
}

}  // namespace
#endif
