// oneDNN's kernels read the right factor in small blocks, pairs of rows beside one another. Given a plain matrix, each call copies
// it into that order first, a twentieth of the time of a layer's forward product and a tenth of its backward product, more
// where the processor's shared cache is busy. A matrix that comes again unchanged is copied once and for all.
//
// Unchanged is what lies in the same storage with the same count of changes, which libtorch keeps of every tensor. A frozen
// weight that others are trained behind is packed twice, for the forward and for the backward product: three times its memory.
//
// Both ways multiply and add in the same order: results are the same to the last bit.

#include "packed_weights.h"

#ifndef LAB_ONEDNN

// oneDNN's headers are not there, or are not those of the oneDNN that libtorch has.
bool lab::multiply_packed(const at::Tensor&, const at::Tensor&, at::Tensor&) { return false; }
void lab::forget_packed(const at::Tensor&) {}

#else

#include <ATen/Parallel.h>
#include <oneapi/dnnl/dnnl.hpp>

#include <cstring>
#include <iterator>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace {

using dnnl::memory;

// Of fewer numbers, or for fewer rows, the copy is little; of one or two rows libtorch computes products in another way.
constexpr int64_t kSmallest = 1 << 16, kFewestRows = 16;

const dnnl::engine& engine() {
    static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
}

memory::desc described(const at::Tensor& x) {
    return {{x.size(0), x.size(1)}, memory::data_type::bf16, memory::dims{x.stride(0), x.stride(1)}};
}

dnnl::matmul::primitive_desc product_of(const memory::desc& a, const memory::desc& b, const memory::desc& out) {
#if DNNL_VERSION_MAJOR >= 3
    return {engine(), a, b, out};
#else
    return {dnnl::matmul::desc(a, b, out), engine()};
#endif
}

// A matrix in a storage, as a product has seen it.
struct Matrix {
    const void* data;
    std::vector<int64_t> sizes, strides;
    uint32_t changes;
    bool useless = false;   // oneDNN reads it as it is, or has no good kernel
    at::Tensor packed;      // in the second product and from then on
    memory factor;
    int64_t rows = 0;
    int threads = 0;
    dnnl::matmul product;   // with so many rows of a, for so many threads

    bool is(const at::Tensor& b) const { return data == b.data_ptr() && sizes == b.sizes() && strides == b.strides(); }
};

struct Storage {
    c10::weak_intrusive_ptr<c10::StorageImpl> alive;
    std::vector<Matrix> matrices;
};

// Never destroyed: threads may still compute while the process ends.
std::mutex& guard = *new std::mutex;
auto& seen = *new std::unordered_map<const c10::StorageImpl*, Storage>;

// False where packing gains nothing.
bool pack(Matrix& matrix, const at::Tensor& a, const at::Tensor& b, const at::Tensor& out) {
    const memory::desc from = described(b), any({b.size(0), b.size(1)}, memory::data_type::bf16, memory::format_tag::any);
    const auto product = product_of(described(a), any, described(out));
    const memory::desc to = product.weights_desc();
    if (to == from || std::strncmp(product.impl_info_str(), "brg", 3) != 0) return false;
    matrix.packed = at::empty({static_cast<int64_t>(to.get_size())}, at::kByte);
    matrix.factor = memory(to, engine(), matrix.packed.data_ptr());
    memory given(from, engine(), b.data_ptr());
    dnnl::stream stream(engine());
    dnnl::reorder(given, matrix.factor).execute(stream, given, matrix.factor);
    stream.wait();
    return true;
}

bool can_be_kept(const at::Tensor& a, const at::Tensor& b) {
    return !b.requires_grad() && a.scalar_type() == at::kBFloat16 && b.scalar_type() == at::kBFloat16 && a.dim() == 2 && b.dim() == 2 &&
        a.size(1) == b.size(0) && a.size(0) >= kFewestRows && b.numel() >= kSmallest && a.is_contiguous() &&
        (b.is_contiguous() || b.t().is_contiguous()) && b.has_storage() && !b.is_inference();
}

// The product with a matrix that is kept, and its factor; neither where there is none.
bool find(const at::Tensor& a, const at::Tensor& b, const at::Tensor& out, dnnl::matmul& product, memory& factor, at::Tensor& owner) {
    const std::lock_guard<std::mutex> lock(guard);
    const uint32_t changes = b.unsafeGetTensorImpl()->version_counter().current_version();
    const c10::StorageImpl* storage = b.storage().unsafeGetStorageImpl();
    auto place = seen.find(storage);
    if (place == seen.end()) {
        // A good moment to let go of what belonged to weights that are no more.
        for (auto item = seen.begin(); item != seen.end();) item = item->second.alive.expired() ? seen.erase(item) : std::next(item);
        place = seen.emplace(storage, Storage{b.storage().getWeakStorageImpl(), {}}).first;
    }
    std::vector<Matrix>& matrices = place->second.matrices;
    auto matrix = matrices.begin();
    while (matrix != matrices.end() && !matrix->is(b)) ++matrix;
    if (matrix == matrices.end() || matrix->changes != changes) {
        if (matrix != matrices.end()) matrices.erase(matrix);
        Matrix first;
        first.data = b.data_ptr(), first.sizes = b.sizes().vec(), first.strides = b.strides().vec(), first.changes = changes;
        matrices.push_back(std::move(first));
        return false;
    }
    if (matrix->useless) return false;
    try {
        if (!matrix->packed.defined() && !pack(*matrix, a, b, out)) {
            matrix->useless = true;
            return false;
        }
        if (matrix->rows != a.size(0) || matrix->threads != at::get_num_threads()) {
            matrix->product = dnnl::matmul(product_of(described(a), matrix->factor.get_desc(), described(out)));
            matrix->rows = a.size(0), matrix->threads = at::get_num_threads();
        }
    } catch (const dnnl::error&) {
        // It has no such product; libtorch has others.
        matrix->useless = true;
        return false;
    }
    product = matrix->product, factor = matrix->factor, owner = matrix->packed;
    return true;
}

}  // namespace

bool lab::multiply_packed(const at::Tensor& a, const at::Tensor& b, at::Tensor& out) {
    dnnl::matmul product;
    memory factor;
    at::Tensor owner;
    if (!can_be_kept(a, b) || !find(a, b, out, product, factor, owner)) return false;
    memory from(described(a), engine(), a.data_ptr()), to(described(out), engine(), out.data_ptr());
    dnnl::stream stream(engine());
    product.execute(stream, {{DNNL_ARG_SRC, from}, {DNNL_ARG_WEIGHTS, factor}, {DNNL_ARG_DST, to}});
    stream.wait();
    return true;
}

void lab::forget_packed(const at::Tensor& tensor) {
    if (!tensor.has_storage()) return;
    const std::lock_guard<std::mutex> lock(guard);
    seen.erase(tensor.storage().unsafeGetStorageImpl());
}

#endif
