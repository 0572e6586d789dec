#include "ptx.h"

#include <c10/util/Half.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <regex>
#include <sstream>

namespace ptx {
namespace {

using u = uint64_t;

// Places of the special registers.
constexpr int kBlock = 0, kThreads = 1, kThread = 2, kNothing = 3, kFirst = 4;

constexpr uint32_t kAll = 0xffffffff;

float as_float(u bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits)); }
u as_bits(float x) { return std::bit_cast<uint32_t>(x); }
int64_t as_s32(u x) { return static_cast<int32_t>(static_cast<uint32_t>(x)); }
u as_u32(u x) { return static_cast<uint32_t>(x); }

template <typename F>
constexpr auto each(F) {
    return [](u* d, const u* a, const u* b, const u* c, uint32_t mask) {
        constexpr F f;
        if (mask == kAll) {
            for (unsigned i = 0; i < kLanes; i++) d[i] = f(a[i], b[i], c[i]);
        } else {
            for (unsigned i = 0; i < kLanes; i++)
                if (mask >> i & 1) d[i] = f(a[i], b[i], c[i]);
        }
    };
}

// a, {b, c}, [d+4] → each by itself.
std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    static const std::regex part(R"(\{[^}]*\}|\[[^\]]*\]|[^,\s][^,]*)");
    for (std::sregex_iterator i(text.begin(), text.end(), part), end; i != end; ++i) parts.push_back(i->str());
    return parts;
}

}  // namespace

const std::map<std::string, Kernel::Function>& Kernel::functions() {
    static const std::map<std::string, Function> all = {
        {"mov.b32", each([](u a, u, u) { return as_u32(a); })},
        {"mov.u32", each([](u a, u, u) { return as_u32(a); })},
        {"mov.f32", each([](u a, u, u) { return a; })},
        {"mov.u64", each([](u a, u, u) { return a; })},
        {"mov.b64", each([](u a, u, u) { return a; })},
        {"cvta.to.global.u64", each([](u a, u, u) { return a; })},
        {"add.f32", each([](u a, u b, u) { return as_bits(as_float(a) + as_float(b)); })},
        {"sub.f32", each([](u a, u b, u) { return as_bits(as_float(a) - as_float(b)); })},
        {"mul.f32", each([](u a, u b, u) { return as_bits(as_float(a) * as_float(b)); })},
        {"div.rn.f32", each([](u a, u b, u) { return as_bits(as_float(a) / as_float(b)); })},
        {"fma.rn.f32", each([](u a, u b, u c) { return as_bits(std::fma(as_float(a), as_float(b), as_float(c))); })},
        {"neg.f32", each([](u a, u, u) { return as_bits(-as_float(a)); })},
        {"rsqrt.approx.f32", each([](u a, u, u) { return as_bits(1 / std::sqrt(as_float(a))); })},
        {"add.s32", each([](u a, u b, u) { return as_u32(a + b); })},
        {"sub.s32", each([](u a, u b, u) { return as_u32(a - b); })},
        {"mul.lo.s32", each([](u a, u b, u) { return as_u32(a * b); })},
        {"mad.lo.s32", each([](u a, u b, u c) { return as_u32(a * b + c); })},
        {"mul.wide.u32", each([](u a, u b, u) { return as_u32(a) * as_u32(b); })},
        {"mul.wide.s32", each([](u a, u b, u) { return static_cast<u>(as_s32(a) * as_s32(b)); })},
        {"div.u32", each([](u a, u b, u) { return as_u32(a) / as_u32(b); })},
        {"neg.s32", each([](u a, u, u) { return as_u32(-a); })},
        {"abs.s32", each([](u a, u, u) { return as_u32(static_cast<u>(std::abs(as_s32(a)))); })},
        {"min.s32", each([](u a, u b, u) { return as_u32(static_cast<u>(std::min(as_s32(a), as_s32(b)))); })},
        {"max.s32", each([](u a, u b, u) { return as_u32(static_cast<u>(std::max(as_s32(a), as_s32(b)))); })},
        {"add.s64", each([](u a, u b, u) { return a + b; })},
        {"sub.s64", each([](u a, u b, u) { return a - b; })},
        {"mul.lo.s64", each([](u a, u b, u) { return a * b; })},
        {"neg.s64", each([](u a, u, u) { return -a; })},
        {"and.b32", each([](u a, u b, u) { return as_u32(a & b); })},
        {"or.b32", each([](u a, u b, u) { return as_u32(a | b); })},
        {"and.b64", each([](u a, u b, u) { return a & b; })},
        {"or.b64", each([](u a, u b, u) { return a | b; })},
        {"shl.b32", each([](u a, u b, u) { return b > 31 ? 0 : as_u32(a << b); })},
        {"shl.b64", each([](u a, u b, u) { return b > 63 ? 0 : a << b; })},
        {"shr.u32", each([](u a, u b, u) { return b > 31 ? 0 : as_u32(a) >> b; })},
        {"shr.u64", each([](u a, u b, u) { return b > 63 ? 0 : a >> b; })},
        {"shr.s32", each([](u a, u b, u) { return as_u32(static_cast<u>(as_s32(a) >> std::min<u>(b, 31))); })},
        {"bfe.u32", each([](u a, u b, u c) { return (as_u32(a) >> (b & 255)) & ((u(1) << (c & 255)) - 1); })},
        {"cvt.u64.u32", each([](u a, u, u) { return as_u32(a); })},
        {"cvt.u64.u16", each([](u a, u, u) { return a & 0xffff; })},
        {"cvt.u32.u16", each([](u a, u, u) { return a & 0xffff; })},
        {"cvt.u16.u32", each([](u a, u, u) { return a & 0xffff; })},
        {"cvt.u16.u64", each([](u a, u, u) { return a & 0xffff; })},
        {"cvt.u32.u64", each([](u a, u, u) { return as_u32(a); })},
        {"cvt.s64.s32", each([](u a, u, u) { return static_cast<u>(as_s32(a)); })},
        {"cvt.rn.f32.s32", each([](u a, u, u) { return as_bits(static_cast<float>(as_s32(a))); })},
        {"cvt.f32.f16", each([](u a, u, u) { return as_bits(c10::detail::fp16_ieee_to_fp32_value(static_cast<uint16_t>(a))); })},
        {"cvt.rn.f16.f32", each([](u a, u, u) { return static_cast<u>(c10::detail::fp16_ieee_from_fp32_value(as_float(a))); })},
        {"setp.ge.s32", each([](u a, u b, u) { return u(as_s32(a) >= as_s32(b)); })},
        {"setp.gt.s32", each([](u a, u b, u) { return u(as_s32(a) > as_s32(b)); })},
        {"setp.le.s32", each([](u a, u b, u) { return u(as_s32(a) <= as_s32(b)); })},
        {"setp.lt.s32", each([](u a, u b, u) { return u(as_s32(a) < as_s32(b)); })},
        {"setp.eq.s32", each([](u a, u b, u) { return u(as_u32(a) == as_u32(b)); })},
        {"setp.ne.s32", each([](u a, u b, u) { return u(as_u32(a) != as_u32(b)); })},
        {"setp.ge.u32", each([](u a, u b, u) { return u(as_u32(a) >= as_u32(b)); })},
        {"setp.lt.u32", each([](u a, u b, u) { return u(as_u32(a) < as_u32(b)); })},
        {"setp.eq.s64", each([](u a, u b, u) { return u(a == b); })},
        {"setp.ne.s64", each([](u a, u b, u) { return u(a != b); })},
        {"setp.nan.f32", each([](u a, u b, u) { return u(std::isnan(as_float(a)) || std::isnan(as_float(b))); })},
        {"selp.f32", each([](u a, u b, u c) { return c != 0 ? a : b; })},
        {"selp.b32", each([](u a, u b, u c) { return c != 0 ? a : b; })},
        {"selp.b64", each([](u a, u b, u c) { return c != 0 ? a : b; })},
    };
    return all;
}

Kernel::Kernel(const std::string& text) : numbers_(kFirst) {
    std::string line;
    std::istringstream lines(text);
    while (std::getline(lines, line)) {
        line = line.substr(0, line.find("//"));
        std::smatch m;
        static const std::regex parameter(R"(\s*\.param \.[a-z](\d+) (\w+),?\s*)"), label(R"(\s*([A-Za-z_]\w*):\s*)"), declared(R"(\s*\.reg .*)"),
            code(R"(\s*(?:@(!?)(%p\d+)\s+)?([a-z][\w.]*)\s*([^;]*);\s*)"), nothing(R"([\s(){}]*)");
        if (std::regex_match(line, m, parameter)) parameters_.push_back({m[2], std::stol(m[1]) / 8});
        else if (std::regex_match(line, m, label)) labels_[m[1]] = code_.size();
        else if (std::regex_match(line, m, code)) add(m[1], m[2], m[3], m[4]);
        else if (!std::regex_match(line, declared) && !std::regex_match(line, nothing)) throw Error("not known: " + line);
    }
    for (auto& step : code_) {
        if (step.kind != Kind::kBranch) continue;
        const auto target = labels_.find(step.label);
        if (target == labels_.end()) throw Error("no label " + step.label);
        step.target = target->second;
    }
}

// The place of a register or a number.
int Kernel::operand(std::string text) {
    text = std::regex_replace(text, std::regex(R"(^\s+|\s+$)"), "");
    static const std::map<std::string, int> special = {{"%ctaid.x", kBlock}, {"%ntid.x", kThreads}, {"%tid.x", kThread}};
    const auto known = special.find(text);
    if (known != special.end()) return known->second;
    const auto place = places_.emplace(text, static_cast<int>(numbers_.size()));
    if (!place.second) return place.first->second;
    // What a register holds before it is written is nobody's to use.
    uint64_t number = 0xdeadbeefdeadbeef;
    if (text.compare(0, 2, "0f") == 0) number = std::stoull(text.substr(2), nullptr, 16);
    else if (std::regex_match(text, std::regex(R"(-?\d+)"))) number = static_cast<uint64_t>(std::stoll(text));
    else if (!std::regex_match(text, std::regex(R"(%[a-z]+\d+)"))) throw Error("not known: " + text);
    numbers_.push_back(number);
    return place.first->second;
}

std::vector<int> Kernel::operands(const std::string& text) {
    std::vector<int> all;
    for (const std::string& one : split(text[0] == '{' ? text.substr(1, text.size() - 2) : text)) all.push_back(operand(one));
    return all;
}

void Kernel::add(const std::string& negated, const std::string& guard, const std::string& name, const std::string& given) {
    Step step;
    step.negated = !negated.empty();
    if (!guard.empty()) step.guard = operand(guard);
    const std::vector<std::string> parts = split(given);
    std::smatch m;
    static const std::regex access(R"((ld|st)\.(param|global)(?:\.v[24])?\.[a-z](\d+))"), address(R"(\[(%?\w+)(?:\+(-?\d+))?\])");
    if (name == "ret") step.kind = Kind::kReturn;
    else if (name == "bra" || name == "bra.uni") step.kind = Kind::kBranch, step.label = parts.at(0);
    else if (name == "shfl.sync.bfly.b32") {
        if (parts.size() != 5 || parts[3] != "31" || parts[4] != "-1") throw Error("lanes exchange in whole warps only: " + given);
        step.kind = Kind::kExchange, step.to = {operand(parts[0])}, step.from = {operand(parts[1]), operand(parts[2])};
    } else if (std::regex_match(name, m, access)) {
        const bool load = m[1] == "ld", parameter = m[2] == "param";
        step.bytes = std::stol(m[3]) / 8;
        std::smatch place;
        const std::string &where = parts.at(load ? 1 : 0), &what = parts.at(load ? 0 : 1);
        if (!std::regex_match(where, place, address) || (parameter && (!load || place[2].matched))) throw Error("not known: " + name + " " + given);
        (load ? step.to : step.from) = operands(what);
        if (place[2].matched) step.displacement = std::stol(place[2]);
        if (parameter) {
            step.kind = Kind::kParameter;
            while (step.target < parameters_.size() && parameters_[step.target].name != place[1]) step.target++;
            if (step.target == parameters_.size()) throw Error("no parameter " + place[1].str());
        } else {
            step.kind = load ? Kind::kLoad : Kind::kStore;
            step.from.push_back(operand(place[1]));
        }
    } else {
        const auto known = functions().find(name);
        if (known == functions().end() || parts.size() < 2 || parts.size() > 4) throw Error("not known: " + name + " " + given);
        step.function = known->second;
        step.to = {operand(parts[0])};
        for (size_t i = 1; i < parts.size(); i++) step.from.push_back(operand(parts[i]));
        step.from.resize(3, kNothing);
    }
    code_.push_back(std::move(step));
}

// 32 lanes. Of those that went different ways, the ones furthest behind go on until they meet the others.
class Kernel::Warp {
public:
    Warp(const Kernel& kernel, const std::vector<uint64_t>& arguments, const Memory& memory)
        : kernel_(kernel), arguments_(arguments), memory_(memory), values_(kernel.numbers_.size() * kLanes) {}

    void run(unsigned block, unsigned threads, unsigned first) {
        for (size_t place = 0; place < kernel_.numbers_.size(); place++) std::fill_n(values_.begin() + static_cast<std::ptrdiff_t>(place * kLanes), kLanes, kernel_.numbers_[place]);
        for (unsigned i = 0; i < kLanes; i++) at(kBlock)[i] = block, at(kThreads)[i] = threads, at(kThread)[i] = first + i, next_[i] = 0;
        uint32_t alive = kAll;
        while (alive != 0) {
            size_t now = SIZE_MAX;
            uint32_t here = 0;
            for (unsigned i = 0; i < kLanes; i++) {
                if (!(alive >> i & 1) || next_[i] > now) continue;
                if (next_[i] < now) now = next_[i], here = 0;
                here |= 1u << i;
            }
            // All of them together, up to where one may leave the others, or another may be met.
            size_t until = SIZE_MAX;
            for (unsigned i = 0; i < kLanes; i++)
                if ((alive & ~here) >> i & 1) until = std::min(until, next_[i]);
            bool together = true;
            while (together && now < until) together = step(kernel_.code_.at(now), now, here, alive);
            if (together) for_lanes(here, [&](unsigned i) { next_[i] = now; });
        }
    }

private:
    uint64_t* at(int place) { return values_.data() + static_cast<size_t>(place) * kLanes; }

    template <typename F>
    static void for_lanes(uint32_t mask, F body) {
        for (; mask != 0; mask &= mask - 1) body(static_cast<unsigned>(std::countr_zero(mask)));
    }

    // False where the lanes' next steps are in next_.
    bool step(const Step& step, size_t& now, uint32_t here, uint32_t& alive) {
        uint32_t mask = here;
        if (step.guard >= 0) for_lanes(here, [&](unsigned i) { if ((at(step.guard)[i] != 0) == step.negated) mask &= ~(1u << i); });
        now++;
        switch (step.kind) {
        case Kind::kFunction: step.function(at(step.to[0]), at(step.from[0]), at(step.from[1]), at(step.from[2]), mask); return true;
        case Kind::kParameter: for_lanes(mask, [&](unsigned i) { at(step.to[0])[i] = arguments_.at(step.target); }); return true;
        case Kind::kLoad:
        case Kind::kStore: for_lanes(mask, [&](unsigned i) { access(step, i); }); return true;
        case Kind::kExchange: {
            if (mask != kAll) throw Error("not all lanes of a warp exchange");
            uint64_t given[kLanes];
            std::copy_n(at(step.from[0]), kLanes, given);
            for (unsigned i = 0; i < kLanes; i++) at(step.to[0])[i] = given[i ^ at(step.from[1])[i]];
            return true;
        }
        case Kind::kBranch:
            if (mask == here) {
                now = step.target;
                // Where others wait may lie between.
                if (here == alive) return true;
            }
            for_lanes(here, [&](unsigned i) { next_[i] = mask >> i & 1 ? step.target : now; });
            return mask == 0 && here == alive;
        case Kind::kReturn:
            alive &= ~mask;
            for_lanes(here, [&](unsigned i) { next_[i] = now; });
            return false;
        }
        return true;
    }

    void access(const Step& step, unsigned lane) {
        const bool store = step.kind == Kind::kStore;
        const std::vector<int>& numbers = store ? step.from : step.to;
        const size_t count = store ? step.from.size() - 1 : step.to.size();
        const uint64_t address = at(step.from.back())[lane] + static_cast<uint64_t>(step.displacement);
        const auto bytes = static_cast<int64_t>(count) * step.bytes;
        if (address % static_cast<uint64_t>(bytes) != 0) throw Error("misaligned address");
        auto* place = static_cast<char*>(memory_(address, bytes, store));
        for (size_t i = 0; i < count; i++, place += step.bytes) {
            uint64_t& number = at(numbers[i])[lane];
            if (store) std::memcpy(place, &number, static_cast<size_t>(step.bytes));
            else number = 0, std::memcpy(&number, place, static_cast<size_t>(step.bytes));
        }
    }

    const Kernel& kernel_;
    const std::vector<uint64_t>& arguments_;
    const Memory& memory_;
    std::vector<uint64_t> values_;  // of each place, a lane's beside the next one's
    size_t next_[kLanes];
};

void Kernel::launch(unsigned blocks, unsigned threads, const std::vector<uint64_t>& arguments, const Memory& memory) const {
    if (threads == 0 || threads % kLanes != 0) throw Error("blocks of whole warps are known");
    Warp warp(*this, arguments, memory);
    for (unsigned block = 0; block < blocks; block++)
        for (unsigned first = 0; first < threads; first += kLanes) warp.run(block, threads, first);
}

std::map<std::string, Kernel> load(const std::string& text) {
    std::map<std::string, Kernel> kernels;
    const std::string entry = ".visible .entry ";
    for (size_t at = text.find(entry); at != std::string::npos;) {
        const size_t name = at + entry.size(), end = text.find('(', name), next = text.find(entry, name);
        kernels.emplace(text.substr(name, end - name), Kernel(text.substr(end, next == std::string::npos ? next : next - end)));
        at = next;
    }
    if (kernels.empty()) throw Error("no kernels");
    return kernels;
}

}  // namespace ptx
