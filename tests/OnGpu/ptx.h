// Runs CUDA's assembly language on the CPU, as much of it as the lab's kernels have: a block's warps one after another, a warp's 32
// lanes together. What it does not know it refuses when a module is loaded.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace ptx {

struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Called for each access of a lane: where the bytes are for the program, or an Error.
using Memory = std::function<void*(uint64_t address, int64_t bytes, bool write)>;

constexpr unsigned kLanes = 32;

class Kernel {
public:
    struct Parameter {
        std::string name;
        int64_t bytes;
    };

    explicit Kernel(const std::string& text);

    const std::vector<Parameter>& parameters() const { return parameters_; }

    // Arguments in the order of the parameters, each in the bits of its type.
    void launch(unsigned blocks, unsigned threads, const std::vector<uint64_t>& arguments, const Memory& memory) const;

private:
    enum class Kind { kFunction, kParameter, kLoad, kStore, kExchange, kBranch, kReturn };

    // d ← f(a, b, c) in the lanes of the mask, numbers in the bits of their types.
    using Function = void (*)(uint64_t* d, const uint64_t* a, const uint64_t* b, const uint64_t* c, uint32_t mask);

    struct Step {
        Kind kind = Kind::kFunction;
        bool negated = false;
        int guard = -1;  // below 0: none
        Function function = nullptr;
        std::vector<int> to, from;
        int64_t bytes = 0, displacement = 0;
        std::string label;
        size_t target = 0;
    };

    class Warp;

    static const std::map<std::string, Function>& functions();
    int operand(std::string text);
    std::vector<int> operands(const std::string& text);
    void add(const std::string& negated, const std::string& guard, const std::string& name, const std::string& operands);

    std::vector<Parameter> parameters_;
    // Registers, and numbers that stand in the code, by their text.
    std::map<std::string, int> places_;
    std::vector<uint64_t> numbers_;
    std::map<std::string, size_t> labels_;
    std::vector<Step> code_;
};

// The kernels of a module by their names.
std::map<std::string, Kernel> load(const std::string& text);

}  // namespace ptx
