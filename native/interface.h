// What the files of the flat C interface share: how functions are exported, how errors leave them, and how native code
// holds on to managed objects.
#pragma once

#include "compat.h"

#include <ATen/core/ivalue.h>

#include <exception>
#include <string>
#include <vector>

#define LAB_API extern "C" __attribute__((visibility("default")))

namespace lab {

// A managed object that native code keeps alive by a GCHandle. The handle is freed with this, on whatever thread that is.
class Managed : public torch::CustomClassHolder {
public:
    using Release = void (*)(void* handle);

    Managed(void* handle, Release release) : handle_(handle), release_(release) {}
    Managed(const Managed&) = delete;
    Managed& operator=(const Managed&) = delete;
    ~Managed() override { release_(handle_); }

    void* handle() const { return handle_; }
    Release release() const { return release_; }

private:
    void* handle_;
    Release release_;
};

// A managed exception on its way through libtorch, from a function's backward pass to whoever asked for gradients. Engine
// threads hand what they catch to the thread that waits for them, so it may start on another one.
class ManagedException final : public std::exception {
public:
    explicit ManagedException(c10::intrusive_ptr<Managed> object) : object_(std::move(object)) {}
    const char* what() const noexcept override { return "exception in the backward pass of a function written in managed code"; }
    const c10::intrusive_ptr<Managed>& object() const { return object_; }

private:
    c10::intrusive_ptr<Managed> object_;
};

// Leaves an error for lab_error() and lab_exception() of this thread.
void keep_error(std::string message, c10::intrusive_ptr<Managed> exception = {});

template <typename F, typename R>
R guarded(R failed, F&& body) {
    try {
        return body();
    } catch (const ManagedException& error) {
        keep_error(error.what(), error.object());
    } catch (const c10::Error& error) {
        keep_error(error.what_without_backtrace());
    } catch (const std::exception& error) {
        keep_error(error.what());
    } catch (...) {
        keep_error("unknown error in libtorch");
    }
    return failed;
}

// Null stands for an undefined tensor.
inline std::vector<at::Tensor> vector_of(at::Tensor* const* items, int64_t count) {
    std::vector<at::Tensor> result;
    result.reserve(count);
    for (int64_t i = 0; i < count; i++) result.push_back(items[i] == nullptr ? at::Tensor() : *items[i]);
    return result;
}

}  // namespace lab
