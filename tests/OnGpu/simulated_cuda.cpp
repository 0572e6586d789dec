// A GPU for machines that have none, so that tests can send the whole lab through its way on a GPU.
//
// Loaded before the lab (LD_PRELOAD) it gives a libtorch without CUDA devices of type CUDA, and is CUDA's driver library for who
// looks for one. It computes nothing by itself: an operator runs with the CPU's kernels on the device's memory. What it is strict
// about is what a real GPU is strict about:
//
//  - its memory is not the program's: addresses carry a bit that no address has, so who reads or writes there ends;
//  - tensors of one operator lie on one device, but for numbers without dimensions and for indices;
//  - random numbers come from the device's generator, and one of the CPU's is refused;
//  - memory ends (LAB_SIMULATED_GPU_BYTES), with CUDA's words;
//  - whatever has the program wait for the device is counted, by operator, and so are calls and the bytes that go in and out of
//    them (LAB_SIMULATED_GPU_REPORT names a file for the counts).
//
// LAB_SIMULATED_GPU_FAULT=modules has the driver refuse kernels, and a kernel's name has that one do nothing.
// The lab's own kernels run as the GPU gets them (ptx.h). It says nothing of speed, and nothing of CUDA's kernels and streams:
// everything is done when a call returns.

#include "ptx.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/native/Resize.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/util/accumulate.h>
#include <torch/library.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <numeric>
#include <string>
#include <vector>

namespace {

constexpr int kDevices = 2;
constexpr uintptr_t kDeviceBit = uintptr_t(1) << 62;
thread_local c10::DeviceIndex current_device = 0;

void* on_device(void* host) { return host == nullptr ? nullptr : reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(host) | kDeviceBit); }
void* on_host(const void* device) { return reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(device) & ~kDeviceBit); }
bool is_on_device(const void* address) { return (reinterpret_cast<uintptr_t>(address) & kDeviceBit) != 0; }

c10::Device resolved(c10::Device device) {
    if (device.index() < 0) device.set_index(current_device);
    TORCH_CHECK(device.index() < kDevices, "CUDA error: invalid device ordinal");
    return device;
}

// ---- counts ----------------------------------------------------------------------------------------------------

struct Counts {
    std::mutex lock;
    std::map<std::string, int64_t> calls, bytes, waits;

    // At the end of the process; a line for each name.
    ~Counts() {
        const char* path = std::getenv("LAB_SIMULATED_GPU_REPORT");
        if (path == nullptr || calls.empty()) return;
        if (FILE* file = std::fopen(path, "w")) {
            for (const auto& wait : waits) std::fprintf(file, "wait %s %lld\n", wait.first.c_str(), static_cast<long long>(wait.second));
            for (const auto& call : calls) std::fprintf(file, "call %s %lld\n", call.first.c_str(), static_cast<long long>(call.second));
            for (const auto& moved : bytes) std::fprintf(file, "bytes %s %lld\n", moved.first.c_str(), static_cast<long long>(moved.second));
            std::fclose(file);
        }
    }
};

Counts& counts() {
    static Counts all;
    return all;
}

void count(std::map<std::string, int64_t> Counts::*kind, const std::string& name, int64_t amount = 1) {
    std::lock_guard<std::mutex> hold(counts().lock);
    (counts().*kind)[name] += amount;
}

// What is read or written of a tensor that stands in some places for the same numbers counts once.
int64_t bytes_of(const at::Tensor& x) {
    if (!x.defined()) return 0;
    int64_t numbers = 1;
    for (int64_t i = 0; i < x.dim(); i++)
        if (x.stride(i) != 0 || x.size(i) == 0) numbers *= x.size(i);
    return numbers * x.element_size();
}

// Operators whose answer the program, or the shape of the result, needs at once.
bool waits(const std::string& name) {
    static const char* const names[] = {"aten::nonzero", "aten::masked_select", "aten::equal", "aten::_unique2", "aten::unique_dim", "aten::bincount"};
    return std::any_of(std::begin(names), std::end(names), [&](const char* one) { return name == one; });
}

// ---- memory ----------------------------------------------------------------------------------------------------

struct Memory {
    std::atomic<int64_t> used{0}, most{0};
    int64_t limit;

    Memory() {
        const char* given = std::getenv("LAB_SIMULATED_GPU_BYTES");
        limit = given == nullptr ? int64_t(8) << 30 : std::atoll(given);
    }

    void take(int64_t bytes) {
        if (used + bytes > limit)
            TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory. Tried to allocate ", bytes, " bytes (GPU 0; ", limit,
                             " bytes total capacity; ", used.load(), " bytes already allocated; simulated)");
        used += bytes;
        int64_t before = most;
        while (used > before && !most.compare_exchange_weak(before, used)) {}
    }
};

Memory& memory() {
    static Memory all;
    return all;
}

struct Block {
    c10::DataPtr host;
    int64_t bytes;
};

// Stretches of memory by where they begin.
class Places {
public:
    void add(const void* start, int64_t bytes) {
        std::lock_guard<std::mutex> hold(lock_);
        all_.emplace(reinterpret_cast<uintptr_t>(start), bytes);
    }

    void remove(const void* start, int64_t bytes) {
        std::lock_guard<std::mutex> hold(lock_);
        auto range = all_.equal_range(reinterpret_cast<uintptr_t>(start));
        range.first = std::find_if(range.first, range.second, [&](const auto& one) { return one.second == bytes; });
        if (range.first != range.second) all_.erase(range.first);
    }

    // The stretch that has all of these bytes: where it begins, and its bytes; 0 for none.
    std::pair<uintptr_t, int64_t> find(const void* address, int64_t bytes) {
        std::lock_guard<std::mutex> hold(lock_);
        const auto at = reinterpret_cast<uintptr_t>(address);
        auto after = all_.upper_bound(at);
        if (after == all_.begin()) return {0, 0};
        --after;
        return at + static_cast<uintptr_t>(bytes) <= after->first + static_cast<uintptr_t>(after->second) ? std::pair<uintptr_t, int64_t>(*after) : std::pair<uintptr_t, int64_t>(0, 0);
    }

private:
    std::mutex lock_;
    // What one operator made may be two tensors' for a moment.
    std::multimap<uintptr_t, int64_t> all_;
};

Places device_places, pinned_places;

void free_block(void* block) {
    auto* held = static_cast<Block*>(block);
    memory().used -= held->bytes;
    device_places.remove(held->host.get(), held->bytes);
    delete held;
}

c10::DataPtr adopted(c10::DataPtr host, int64_t bytes, c10::Device device) {
    memory().take(bytes);
    device_places.add(host.get(), bytes);
    void* address = on_device(host.get());
    return {address, new Block{std::move(host), bytes}, &free_block, device};
}

class DeviceAllocator final : public c10::Allocator {
public:
    c10::DataPtr allocate(size_t bytes) const override {
        return adopted(c10::GetCPUAllocator()->allocate(bytes), static_cast<int64_t>(bytes), {c10::kCUDA, current_device});
    }
};

DeviceAllocator device_allocator;

void free_pinned(void* block) {
    auto* held = static_cast<Block*>(block);
    pinned_places.remove(held->host.get(), held->bytes);
    delete held;
}

bool is_pinned_address(const void* address) { return pinned_places.find(address, 1).first != 0; }

class PinnedAllocator final : public c10::Allocator {
public:
    c10::DataPtr allocate(size_t bytes) const override {
        c10::DataPtr host = c10::GetCPUAllocator()->allocate(bytes);
        void* address = host.get();
        pinned_places.add(address, static_cast<int64_t>(bytes));
        return {address, new Block{std::move(host), static_cast<int64_t>(bytes)}, &free_pinned, c10::kCPU};
    }
};

PinnedAllocator pinned_allocator;

// ---- random numbers --------------------------------------------------------------------------------------------

// A generator of the device, around one of the CPU that the CPU's kernels take.
class DeviceGenerator final : public c10::GeneratorImpl {
public:
    explicit DeviceGenerator(c10::DeviceIndex index, at::Generator inner = at::detail::createCPUGenerator())
        : c10::GeneratorImpl({c10::kCUDA, index}, c10::DispatchKeySet(c10::DispatchKey::CUDA)), inner_(std::move(inner)) {}

    void set_current_seed(uint64_t seed) override { inner_.set_current_seed(seed); }
    uint64_t current_seed() const override { return inner_.current_seed(); }
    uint64_t seed() override { return inner_.seed(); }
    void set_state(const c10::TensorImpl& state) override { inner_.unsafeGetGeneratorImpl()->set_state(state); }
    c10::intrusive_ptr<c10::TensorImpl> get_state() const override { return inner_.unsafeGetGeneratorImpl()->get_state(); }
    const at::Generator& inner() const { return inner_; }

private:
    DeviceGenerator* clone_impl() const override { return new DeviceGenerator(device().index(), inner_.clone()); }

    at::Generator inner_;
};

const at::Generator& default_generator(c10::DeviceIndex index) {
    static std::vector<at::Generator> all = [] {
        std::vector<at::Generator> made;
        for (int i = 0; i < kDevices; i++) made.push_back(at::make_generator<DeviceGenerator>(static_cast<c10::DeviceIndex>(i)));
        return made;
    }();
    return all.at(static_cast<size_t>(index < 0 ? current_device : index));
}

// ---- what libtorch asks of CUDA --------------------------------------------------------------------------------

struct CUDAHooks final : at::CUDAHooksInterface {
    explicit CUDAHooks(at::CUDAHooksArgs) {}

    void initCUDA() const override {}
    const at::Generator& getDefaultCUDAGenerator(c10::DeviceIndex index) const override { return default_generator(index); }
    c10::Device getDeviceFromPtr(void*) const override { return {c10::kCUDA, ::current_device}; }
    bool isPinnedPtr(void* address) const override { return is_pinned_address(address); }
    bool hasCUDA() const override { return true; }
    bool hasPrimaryContext(int64_t) const override { return true; }
    int64_t current_device() const override { return ::current_device; }
    at::Allocator* getPinnedMemoryAllocator() const override { return &pinned_allocator; }
    at::Allocator* getCUDADeviceAllocator() const override { return &device_allocator; }
    int getNumGPUs() const override { return kDevices; }
    void deviceSynchronize(int64_t) const override { count(&Counts::waits, "synchronize"); }
};

struct SimulatedGuard final : c10::impl::DeviceGuardImplInterface {
    c10::DeviceType type() const override { return c10::kCUDA; }
    c10::Device exchangeDevice(c10::Device device) const override {
        c10::Device before = getDevice();
        setDevice(device);
        return before;
    }
    c10::Device getDevice() const override { return {c10::kCUDA, ::current_device}; }
    void setDevice(c10::Device device) const override { current_device = resolved(device).index(); }
    void uncheckedSetDevice(c10::Device device) const noexcept override { current_device = device.index(); }
    c10::Stream getStream(c10::Device device) const noexcept override { return c10::Stream(c10::Stream::DEFAULT, device); }
    c10::Stream exchangeStream(c10::Stream stream) const noexcept override { return c10::Stream(c10::Stream::DEFAULT, stream.device()); }
    c10::DeviceIndex deviceCount() const noexcept override { return kDevices; }
    // The autograd engine's.
    void record(void**, const c10::Stream&, const c10::DeviceIndex, const c10::EventFlag) const override {}
    void block(void*, const c10::Stream&) const override {}
    bool queryEvent(void*) const override { return true; }
    void destroyEvent(void*, const c10::DeviceIndex) const noexcept override {}
};

// ---- operators -------------------------------------------------------------------------------------------------

at::Tensor tensor_over(c10::Storage storage, const at::Tensor& like, c10::DispatchKey key) {
    auto made = at::detail::make_tensor<c10::TensorImpl>(std::move(storage), c10::DispatchKeySet(key), like.dtype());
    made.unsafeGetTensorImpl()->set_sizes_and_strides(like.sizes(), like.strides(), like.storage_offset());
    return made;
}

// The device's memory as the CPU's kernels see it.
at::Tensor seen(const at::Tensor& x) {
    const auto& storage = x.storage();
    c10::DataPtr host(on_host(storage.data()), c10::kCPU);
    return tensor_over(c10::Storage(c10::Storage::use_byte_size_t(), storage.nbytes(), std::move(host)), x, c10::DispatchKey::CPU);
}

// What the CPU's kernels made comes to lie on the device.
at::Tensor brought(const at::Tensor& made, c10::Device device) {
    auto* storage = made.storage().unsafeGetStorageImpl();
    const auto bytes = static_cast<int64_t>(storage->nbytes());
    // The kernels' own storage lives on in the block, whoever else holds it.
    auto* kept = new c10::Storage(made.storage());
    c10::DataPtr host(storage->data(), kept, [](void* held) { delete static_cast<c10::Storage*>(held); }, c10::kCPU);
    c10::Storage on(c10::Storage::use_byte_size_t(), static_cast<size_t>(bytes), adopted(std::move(host), bytes, device), &device_allocator, /*resizable=*/true);
    return tensor_over(std::move(on), made, c10::DispatchKey::CUDA);
}

// The same value with each of its tensors replaced; whatever holds none stays.
template <typename F>
c10::IValue with_tensors(const c10::IValue& value, F replacement) {
    if (value.isTensor()) return replacement(value.toTensor());
    if (value.isTensorList()) {
        c10::List<at::Tensor> list;
        for (const at::Tensor& x : value.toTensorVector()) list.push_back(replacement(x));
        return list;
    }
    if (value.isOptionalTensorList()) {
        c10::List<c10::optional<at::Tensor>> list;
        for (const c10::optional<at::Tensor>& x : value.toOptionalTensorVector())
            list.push_back(x.has_value() ? c10::optional<at::Tensor>(replacement(*x)) : c10::nullopt);
        return list;
    }
    return value;
}

struct Pair {
    at::Tensor device, host, wide;
    bool written;
};

// One call of an operator whose tensors lie on the device.
class Call {
public:
    Call(const c10::OperatorHandle& op, torch::jit::Stack* stack) : op_(op), stack_(stack), device_(c10::kCUDA, current_device) {}

    void run() {
        const auto& schema = op_.schema();
        const std::string name = schema.name();
        count(&Counts::calls, name);
        if (waits(name)) count(&Counts::waits, name);
        const auto arguments = schema.arguments().size();
        std::vector<c10::IValue> given(stack_->end() - static_cast<std::ptrdiff_t>(arguments), stack_->end());
        torch::jit::drop(*stack_, arguments);
        find_device(given);
        c10::impl::VirtualGuardImpl guard(c10::kCUDA);
        const c10::Device before = guard.exchangeDevice(device_);
        torch::jit::Stack inner;
        for (size_t i = 0; i < arguments; i++) inner.push_back(translated(given[i], schema.arguments()[i]));
        torch::jit::Stack wide = inner;
        {
            at::AutoDispatchBelowADInplaceOrView below;
            try {
                op_.callBoxed(&inner);
            } catch (const c10::Error& error) {
                // CUDA has kernels of 16 bits where the CPU of this version has none.
                if (std::string(error.what()).find("not implemented for 'Half'") == std::string::npos) throw;
                inner = widened(std::move(wide));
                op_.callBoxed(&inner);
                narrowed(&inner);
            }
        }
        for (auto& result : inner) stack_->push_back(with_tensors(result, [&](const at::Tensor& x) { return device_of(x); }));
        for (auto& pair : pairs_) follow(pair);
        // What is written in place was read as well, but for what only fills.
        int64_t moved = 0;
        for (const auto& pair : pairs_) moved += bytes_of(pair.device) * (pair.written && name != "aten::zero_" && name != "aten::fill_" ? 2 : 1);
        count(&Counts::bytes, name, moved + made_);
        guard.setDevice(before);
    }

private:
    // The first tensor's, or the one that was asked for.
    void find_device(const std::vector<c10::IValue>& given) {
        for (const auto& value : given)
            if (value.isDevice() && value.toDevice().is_cuda()) device_ = resolved(value.toDevice());
        bool found = false;
        auto look = [&](const at::Tensor& x) {
            if (!found && x.defined() && x.is_cuda()) {
                device_ = x.device();
                found = true;
            }
            return x;
        };
        for (const auto& value : given) with_tensors(value, look);
    }

    at::Tensor host_of(const at::Tensor& x, bool written, bool index) {
        if (!x.defined()) return x;
        if (!x.is_cuda()) {
            TORCH_CHECK(x.dim() == 0 || index, "Expected all tensors to be on the same device, but found at least two devices, ", device_,
                        " and ", x.device(), "! (", op_.schema().name(), ", a tensor of shape ", x.sizes(), ")");
            return x;
        }
        TORCH_CHECK(x.device() == device_, "Expected all tensors to be on the same device, but found at least two devices, ", device_, " and ", x.device(), "! (", op_.schema().name(), ")");
        for (auto& pair : pairs_) {
            if (pair.device.is_same(x)) {
                pair.written |= written;
                return pair.host;
            }
        }
        // What is empty and written may be given its size by the operator.
        at::Tensor host = written && x.numel() == 0 ? at::empty(x.sizes(), x.options().device(at::kCPU)) : seen(x);
        pairs_.push_back({x, host, {}, written});
        return host;
    }

    c10::IValue translated(const c10::IValue& value, const c10::Argument& argument) {
        const bool written = argument.alias_info() != nullptr && argument.alias_info()->isWrite();
        const bool index = argument.name() == "indices";
        if (value.isDevice()) return c10::Device(c10::kCPU);
        if (value.isGenerator()) {
            const auto generator = value.toGenerator();
            TORCH_CHECK(generator.device().is_cuda(), "Expected a 'cuda' device type for generator but found 'cpu' (", op_.schema().name(), ")");
            return static_cast<DeviceGenerator*>(generator.unsafeGetGeneratorImpl())->inner();
        }
        if (value.isNone() && argument.name() == "generator") return static_cast<DeviceGenerator*>(default_generator(device_.index()).unsafeGetGeneratorImpl())->inner();
        return with_tensors(value, [&](const at::Tensor& x) { return host_of(x, written, index); });
    }

    torch::jit::Stack widened(torch::jit::Stack stack) {
        auto widen = [&](const at::Tensor& x) {
            if (!x.defined() || x.scalar_type() != at::kHalf) return x;
            for (auto& pair : pairs_) {
                if (!pair.host.is_same(x)) continue;
                if (!pair.wide.defined()) pair.wide = x.to(at::kFloat);
                return pair.wide;
            }
            return x.to(at::kFloat);
        };
        const auto& arguments = op_.schema().arguments();
        for (size_t i = 0; i < stack.size(); i++) {
            auto& value = stack[i];
            if (value.isInt() && arguments[i].name() == "dtype") {
                wants_wide_ = value.toInt() == static_cast<int64_t>(at::kFloat);
                if (value.toInt() == static_cast<int64_t>(at::kHalf)) value = static_cast<int64_t>(at::kFloat);
            }
            value = with_tensors(value, widen);
        }
        return stack;
    }

    void narrowed(torch::jit::Stack* results) {
        for (auto& pair : pairs_)
            if (pair.written && pair.wide.defined()) pair.host.copy_(pair.wide);
        auto narrow = [&](const at::Tensor& x) {
            if (!x.defined()) return x;
            for (auto& pair : pairs_)
                if (pair.wide.defined() && pair.wide.is_same(x)) return pair.host;
            return x.scalar_type() == at::kFloat && !wants_wide_ ? x.to(at::kHalf) : x;
        };
        for (auto& value : *results) value = with_tensors(value, narrow);
    }

    at::Tensor device_of(const at::Tensor& x) {
        if (!x.defined()) return x;
        for (auto& pair : pairs_)
            if (pair.host.is_same(x)) return pair.device;
        for (auto& pair : pairs_)
            if (x.storage().data() != nullptr && pair.host.storage().data() == x.storage().data())
                return tensor_over(pair.device.storage(), x, c10::DispatchKey::CUDA);
        made_ += bytes_of(x);
        return brought(x, device_);
    }

    // A result for which the caller gave an empty tensor.
    void follow(Pair& pair) {
        if (!pair.written || pair.host.sizes() == pair.device.sizes()) return;
        const at::Tensor moved = brought(pair.host, device_);
        pair.device.unsafeGetTensorImpl()->set_storage_and_dtype(moved.storage(), moved.dtype());
        pair.device.unsafeGetTensorImpl()->set_sizes_and_strides(moved.sizes(), moved.strides(), moved.storage_offset());
    }

    const c10::OperatorHandle& op_;
    torch::jit::Stack* stack_;
    c10::Device device_;
    std::vector<Pair> pairs_;
    bool wants_wide_ = false;
    int64_t made_ = 0;
};

void on_simulated_gpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) { Call(op, stack).run(); }

at::Tensor empty_on_device(at::IntArrayRef sizes, c10::optional<at::ScalarType> type, c10::optional<at::Layout>, c10::optional<at::Device> device,
                           c10::optional<bool> pinned, c10::optional<at::MemoryFormat> format) {
    TORCH_CHECK(!pinned.value_or(false), "Only dense CPU tensors can be pinned");
    return brought(at::empty(sizes, at::TensorOptions().dtype(type).device(at::kCPU), format), resolved(device.value_or(at::Device(at::kCUDA))));
}

at::Tensor empty_strided_on_device(at::IntArrayRef sizes, at::IntArrayRef strides, c10::optional<at::ScalarType> type, c10::optional<at::Layout>,
                                   c10::optional<at::Device> device, c10::optional<bool> pinned) {
    TORCH_CHECK(!pinned.value_or(false), "Only dense CPU tensors can be pinned");
    return brought(at::empty_strided(sizes, strides, at::TensorOptions().dtype(type).device(at::kCPU)), resolved(device.value_or(at::Device(at::kCUDA))));
}

// Between devices and within one. To the CPU the program waits for the device; from ordinary memory as well.
at::Tensor& copy(at::Tensor& self, const at::Tensor& source, bool non_blocking) {
    if (self.is_cpu() && source.is_cuda()) count(&Counts::waits, "copy to the CPU");
    if (self.is_cuda() && source.is_cpu() && !(non_blocking && is_pinned_address(source.storage().data()))) count(&Counts::waits, "copy from memory that is not pinned");
    if (self.is_cuda() && source.is_cuda()) {
        count(&Counts::calls, "aten::copy_");
        count(&Counts::bytes, "aten::copy_", bytes_of(self) + bytes_of(source));
    }
    at::AutoDispatchBelowADInplaceOrView below;
    at::Tensor target = self.is_cuda() ? seen(self) : self;
    target.copy_(source.is_cuda() ? seen(source) : source);
    return self;
}

at::Scalar number(const at::Tensor& self) {
    count(&Counts::waits, "aten::_local_scalar_dense");
    return at::native::_local_scalar_dense_cpu(seen(self));
}

const at::Tensor& resize(const at::Tensor& self, at::IntArrayRef sizes, c10::optional<at::MemoryFormat> format) {
    auto* impl = self.unsafeGetTensorImpl();
    const auto numbers = c10::multiply_integers(sizes);
    if (static_cast<size_t>((numbers + self.storage_offset()) * self.element_size()) > self.storage().nbytes()) {
        at::Tensor larger = brought(at::empty({numbers + self.storage_offset()}, self.options().device(at::kCPU)), self.device());
        if (self.storage().nbytes() > 0) std::memcpy(on_host(larger.storage().data()), on_host(self.storage().data()), self.storage().nbytes());
        impl->set_storage_keep_dtype(larger.storage());
    }
    impl->set_sizes_contiguous(sizes);
    if (format.has_value()) impl->empty_tensor_restride(*format);
    return self;
}

at::Tensor& set_storage(at::Tensor& self, at::Storage source, int64_t offset, at::IntArrayRef sizes, at::IntArrayRef strides) {
    std::vector<int64_t> places(strides.begin(), strides.end());
    if (strides.empty() && !sizes.empty()) {
        places.assign(sizes.size(), 1);
        for (size_t i = sizes.size() - 1; i > 0; i--) places[i - 1] = places[i] * std::max<int64_t>(1, sizes[i]);
    }
    self.unsafeGetTensorImpl()->set_storage_keep_dtype(std::move(source));
    self.unsafeGetTensorImpl()->set_sizes_and_strides(sizes, places, offset);
    return self;
}

at::Tensor& set_tensor(at::Tensor& self, const at::Tensor& source) { return set_storage(self, source.storage(), source.storage_offset(), source.sizes(), source.strides()); }

// The CPU's kernel draws from the CPU's generator.
std::tuple<at::Tensor, at::Tensor> dropout(const at::Tensor& input, double p, c10::optional<bool> train) {
    count(&Counts::calls, "aten::native_dropout");
    at::Tensor kept = at::ones_like(input, input.options().dtype(at::kBool));
    if (train.value_or(true)) kept.bernoulli_(1 - p);
    return std::make_tuple(input.mul(kept).mul_(train.value_or(true) && p < 1 ? 1 / (1 - p) : 1), kept);
}

bool is_pinned(const at::Tensor& self, c10::optional<at::Device>) { return is_pinned_address(self.storage().data()); }

at::Tensor pin(const at::Tensor& self, c10::optional<at::Device>) {
    TORCH_CHECK(self.is_cpu(), "cannot pin '", self.toString(), "' only dense CPU tensors can be pinned");
    const auto bytes = static_cast<size_t>(self.numel() * self.element_size());
    c10::Storage storage(c10::Storage::use_byte_size_t(), bytes, pinned_allocator.allocate(bytes), &pinned_allocator, /*resizable=*/false);
    at::Tensor pinned = tensor_over(std::move(storage), at::empty(self.sizes(), self.options().device(at::kMeta)), c10::DispatchKey::CPU);
    pinned.copy_(self);
    return pinned;
}

TORCH_LIBRARY_IMPL(_, CUDA, library) { library.fallback(torch::CppFunction::makeFromBoxedFunction<&on_simulated_gpu>()); }

TORCH_LIBRARY_IMPL(aten, CUDA, library) {
    library.impl("empty.memory_format", empty_on_device);
    library.impl("empty_strided", empty_strided_on_device);
    library.impl("as_strided", at::native::as_strided_tensorimpl);
    library.impl("view", static_cast<at::Tensor (*)(const at::Tensor&, at::IntArrayRef)>(at::native::view));
    library.impl("_reshape_alias", at::native::_reshape_alias);
    library.impl("copy_", copy);
    library.impl("_local_scalar_dense", number);
    library.impl("resize_", resize);
    library.impl("set_.source_Storage_storage_offset", set_storage);
    library.impl("set_.source_Tensor", set_tensor);
    library.impl("native_dropout", dropout);
    library.impl("is_pinned", is_pinned);
    library.impl("_pin_memory", pin);
    // CUDA has kernels of its own for what would otherwise be put together from other operators.
    for (const char* name : {"native_layer_norm", "silu_backward", "std.correction", "var.correction"})
        library.impl(name, torch::CppFunction::makeFromBoxedFunction<&on_simulated_gpu>());
}

}  // namespace

namespace c10 {
namespace impl {
C10_REGISTER_GUARD_IMPL(CUDA, SimulatedGuard);
}
}  // namespace c10

namespace at {
REGISTER_CUDA_HOOKS(CUDAHooks);
}

namespace {
__attribute__((constructor)) void register_allocator() {
    counts();
    c10::SetAllocator(c10::kCUDA, &device_allocator);
}
}  // namespace

// ---- CUDA's driver library, as far as the lab uses it ------------------------------------------------------------
// Results are CUDA's error numbers. Whatever needs a context has one, of the device that was retained.

#define DRIVER extern "C" __attribute__((visibility("default"))) int

namespace {
constexpr int kInvalidValue = 1, kInvalidContext = 201, kInvalidDevice = 101, kInvalidPtx = 218, kNotFound = 500, kIllegalAddress = 700;
thread_local std::vector<void*> contexts;
std::atomic<uintptr_t> handles{1000};
bool has_context() { return !contexts.empty(); }
bool has_fault(const std::string& name) {
    const char* given = std::getenv("LAB_SIMULATED_GPU_FAULT");
    return given != nullptr && name == given;
}
}  // namespace

DRIVER cuDeviceGet(int* device, int index) {
    if (index < 0 || index >= kDevices) return kInvalidDevice;
    *device = index;
    return 0;
}
DRIVER cuDevicePrimaryCtxRetain(void** context, int device) {
    *context = reinterpret_cast<void*>(static_cast<uintptr_t>(100 + device));
    return 0;
}
DRIVER cuCtxPushCurrent_v2(void* context) {
    contexts.push_back(context);
    return 0;
}
DRIVER cuCtxPopCurrent_v2(void** context) {
    if (!has_context()) return kInvalidContext;
    *context = contexts.back();
    contexts.pop_back();
    return 0;
}
DRIVER cuStreamCreate(void** stream, unsigned) {
    *stream = reinterpret_cast<void*>(handles++);
    return has_context() ? 0 : kInvalidContext;
}
DRIVER cuEventCreate(void** event, unsigned) {
    *event = reinterpret_cast<void*>(handles++);
    return has_context() ? 0 : kInvalidContext;
}
DRIVER cuEventRecord(void*, void*) { return has_context() ? 0 : kInvalidContext; }
DRIVER cuStreamWaitEvent(void*, void*, unsigned) { return has_context() ? 0 : kInvalidContext; }
DRIVER cuEventSynchronize(void*) { return has_context() ? 0 : kInvalidContext; }
DRIVER cuMemcpyAsync(void* target, const void* source, size_t bytes, void*) {
    if (!has_context()) return kInvalidContext;
    if (!is_on_device(target) || !(is_on_device(source) || is_pinned_address(source))) return kInvalidValue;
    std::memcpy(on_host(target), on_host(source), bytes);
    return 0;
}
DRIVER cuMemGetInfo_v2(size_t* free, size_t* total) {
    if (!has_context()) return kInvalidContext;
    *total = static_cast<size_t>(memory().limit);
    *free = static_cast<size_t>(memory().limit - memory().most);
    return 0;
}
// Modules and functions stay for the process.
DRIVER cuModuleLoadData(void** module, const char* text) {
    if (!has_context()) return kInvalidContext;
    if (has_fault("modules")) return kInvalidPtx;
    try {
        *module = new std::map<std::string, ptx::Kernel>(ptx::load(text));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "simulated GPU: %s\n", error.what());
        return kInvalidPtx;
    }
}
DRIVER cuModuleGetFunction(void** function, void* module, const char* name) {
    auto& kernels = *static_cast<std::map<std::string, ptx::Kernel>*>(module);
    const auto found = kernels.find(name);
    if (found == kernels.end()) return kNotFound;
    *function = &*found;
    return 0;
}
DRIVER cuLaunchKernel(void* function, unsigned blocks, unsigned blocks_y, unsigned blocks_z, unsigned threads, unsigned threads_y, unsigned threads_z, unsigned shared, void*,
                      void** arguments, void** more) {
    if (!has_context()) return kInvalidContext;
    if (blocks == 0 || blocks_y * blocks_z * threads_y * threads_z != 1 || threads == 0 || threads > 1024 || shared != 0 || more != nullptr) return kInvalidValue;
    const auto& kernel = *static_cast<std::pair<const std::string, ptx::Kernel>*>(function);
    if (has_fault(kernel.first)) return 0;
    std::vector<uint64_t> given;
    for (const auto& parameter : kernel.second.parameters()) {
        given.push_back(0);
        std::memcpy(&given.back(), arguments[given.size() - 1], static_cast<size_t>(parameter.bytes));
    }
    // What a kernel reads or writes more than once moves once, in steps of four bytes.
    struct Touched {
        uintptr_t start, end;
        std::vector<char> read, written;
    };
    std::vector<Touched> touched;
    try {
        kernel.second.launch(blocks, threads, given, [&](uint64_t address, int64_t bytes, bool write) {
            void* host = on_host(reinterpret_cast<void*>(address));
            const auto first = reinterpret_cast<uintptr_t>(host), last = first + static_cast<uintptr_t>(bytes);
            auto block = std::find_if(touched.begin(), touched.end(), [&](const Touched& one) { return one.start <= first && last <= one.end; });
            if (block == touched.end()) {
                const std::pair<uintptr_t, int64_t> place = device_places.find(host, bytes);
                if (!is_on_device(reinterpret_cast<void*>(address)) || place.first == 0) throw ptx::Error("an illegal memory access");
                const auto numbers = static_cast<size_t>(place.second) / 4;
                block = touched.insert(block, {place.first, place.first + static_cast<uintptr_t>(place.second), std::vector<char>(numbers), std::vector<char>(numbers)});
            }
            std::memset((write ? block->written : block->read).data() + (first - block->start) / 4, 1, static_cast<size_t>(bytes) / 4);
            return host;
        });
    } catch (const ptx::Error& error) {
        std::fprintf(stderr, "simulated GPU: %s: %s\n", kernel.first.c_str(), error.what());
        return kIllegalAddress;
    }
    int64_t moved = 0;
    for (const auto& block : touched)
        for (const auto* marks : {&block.read, &block.written}) moved += 4 * std::count(marks->begin(), marks->end(), 1);
    count(&Counts::calls, "lab::" + kernel.first);
    count(&Counts::bytes, "lab::" + kernel.first, moved);
    return 0;
}
DRIVER cuGetErrorString(int error, const char** text) {
    static const std::map<int, const char*> texts = {{kInvalidContext, "invalid device context"}, {kInvalidDevice, "invalid device ordinal"},
                                                     {kInvalidPtx, "a PTX JIT compilation failed"}, {kNotFound, "named symbol not found"},
                                                     {kIllegalAddress, "an illegal memory access was encountered"}};
    const auto found = texts.find(error);
    *text = found == texts.end() ? "invalid argument" : found->second;
    return 0;
}
