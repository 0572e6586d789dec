#!/usr/bin/env bash
# Compiles the lab's native library against the PyTorch or libtorch of this machine, and checks that it works.
#
#   ./setup                                     the PyTorch of python3
#   PYTHON=/opt/venv/bin/python ./setup         another one
#   TORCH_DIR=/opt/libtorch ./setup             a libtorch without Python
#
# Needs g++ and a PyTorch or libtorch from 1.13 on. No .NET, no NuGet, no ffmpeg, no network.
set -Eeuo pipefail
# Names that were given count from where setup was called.
case ${TORCH_DIR:-/} in /*) ;; *) TORCH_DIR=$PWD/$TORCH_DIR ;; esac
case ${PYTHON:-/} in /*) ;; */*) PYTHON=$PWD/$PYTHON ;; esac
case ${CXX:-/} in /*) ;; */*) CXX=$PWD/$CXX ;; esac
cd "$(dirname "${BASH_SOURCE[0]}")"
say() { printf '%s\n' "$*" >&2; }
die() { say "setup: $*"; exit 1; }

[ "$(uname -sm)" = "Linux x86_64" ] || die "this bundle is for Linux on x86-64; this is $(uname -sm). Make a bundle for it from the sources."
cxx=${CXX:-g++}
command -v "$cxx" >/dev/null || die "there is no compiler '$cxx'. Install g++ 9 or newer (Debian: apt-get install g++; a cluster: module load gcc), or name one in CXX."
[ "$("$cxx" -dumpversion | cut -d. -f1)" -ge 9 ] || die "$cxx is version $("$cxx" -dumpversion); expected 9 or newer. Name a newer one in CXX."
# The machine's free memory, or less where a job, a container or the shell is given less of it.
free_memory() {
  awk '/MemAvailable/ { print int($2 / 1024) }' /proc/meminfo
  local limit used file
  group() { sed -nE "s/^$1://p" /proc/self/cgroup; }
  for file in "$(group '0:')/memory.max" /memory.max "/memory$(group '[0-9]+:memory')/memory.limit_in_bytes" /memory/memory.limit_in_bytes; do
    file=/sys/fs/cgroup$file
    limit=$(cat "$file" 2>/dev/null) && [ "$limit" != max ] || continue
    used=$(awk '/^(anon|total_rss) / { print $2 }' "${file%/*}/memory.stat")
    echo $(((limit - ${used:-0}) / 1048576))
  done
  limit=$(ulimit -v); [ "$limit" = unlimited ] || echo $((limit / 1024))
}
memory=$(free_memory | sort -n | head -n 1)
[ "$memory" -ge 3072 ] || die "there are $memory MiB of memory to be had (free, and allowed to this job or shell); compiling takes 3072. Free some, or ask for more in the job."

mkdir -p native/build 2>/dev/null && [ -w native/build ] || die "nothing can be written to $PWD/native/build. Unpack the bundle where you may write."
log=native/build/setup.log; : >"$log"

# ── libtorch: its folder, headers, version ──────────────────────────────────────────────────────────────────────────
if [ -n "${TORCH_DIR:-}" ]; then
  [ -d "$TORCH_DIR" ] || die "TORCH_DIR is '$TORCH_DIR', and there is no such folder."
  root=$TORCH_DIR
  libs=$(find -L "$root" -maxdepth 3 -name libtorch_cpu.so -printf '%h' -quit 2>/dev/null || true)
  libs=${libs:-$root/lib}
else
  found='' broken=''
  for python in ${PYTHON:-python3 /usr/bin/python3}; do
    # Where the library really lies is what this process has loaded; distributions put it elsewhere than wheels do.
    found=$("$python" - 2>"$log" <<'PY'
import os, torch
libs = [line.split()[-1] for line in open('/proc/self/maps') if 'libtorch_cpu.so' in line][0]
print(os.path.dirname(torch.__file__), os.path.dirname(libs), sep='|')
PY
    ) && break || found=''
    # One that is there and fails, for a library of CUDA's that is missing, say, is another thing than none.
    why=$(grep -E '^[A-Za-z.]*(Error|Exception)\b' "$log" | tail -n 1 || true)
    case $why in '' | "ModuleNotFoundError: No module named 'torch'") ;; *) broken=${broken:-"the PyTorch of $python does not load ($why)"} ;; esac
  done
  [ -n "$found" ] || [ -z "$broken" ] || die "$broken. Mend that, name another Python in PYTHON, or a libtorch in TORCH_DIR."
  [ -n "$found" ] || die "no PyTorch was found (asked ${PYTHON:-python3 and /usr/bin/python3}). Name a Python that has it in PYTHON, or a libtorch in TORCH_DIR."
  [ -z "$broken" ] || say "setup: $broken, so the one of $python is taken."
  IFS='|' read -r root libs <<<"$found"
fi
# Debian's Python has loaded libtorch_cpu.so.1.13; the name to link with comes with libtorch-dev.
[ -e "$libs/libtorch_cpu.so" ] || die "there is no libtorch_cpu.so in $libs. A wheel has it in torch/lib, Debian in libtorch-dev or libtorch-cuda-dev: install that, or name another PyTorch."
include=''
for candidate in "$root/include" "${libs%/*}/include" /usr/include; do
  [ -f "$candidate/ATen/ATen.h" ] && include=$candidate && break
done
[ -n "$include" ] || die "libtorch's headers are missing under $root/include. Wheels bring them; Debian has them in libtorch-dev or libtorch-cuda-dev."
version_file=''
for candidate in torch/headeronly/version.h torch/csrc/api/include/torch/version.h torch/version.h; do
  if [ -f "$include/$candidate" ] && grep -q 'TORCH_VERSION_MAJOR  *[0-9]' "$include/$candidate"; then version_file=$include/$candidate; break; fi
done
[ -n "$version_file" ] || die "the headers in $include do not tell libtorch's version, so they are not whole. Install PyTorch anew."
part() { sed -nE "s/^#define TORCH_VERSION_$1 +([0-9]+).*/\1/p" "$version_file"; }
major=$(part MAJOR) minor=$(part MINOR)
[ "$major" -gt 1 ] || [ "$minor" -ge 13 ] || die "libtorch is $major.$minor; expected 1.13 or newer. Install a newer PyTorch."

# ── What a small program finds before the long compiling: it loads, is of its headers' version, sees a GPU ──────────
cuda_library=''; [ -e "$libs/libtorch_cuda.so" ] && cuda_library=$libs/libtorch_cuda.so
abi=0; grep -qE '_ZN3c105ErrorC[12].*NSt7__cxx1112basic_string' "$libs/libc10.so" && abi=1
link=("$libs/libtorch_cpu.so" "$libs/libc10.so"); [ -e "$libs/libtorch.so" ] && link+=("$libs/libtorch.so")
[ -n "$cuda_library" ] && link+=(-Wl,--no-as-needed "$cuda_library" -Wl,--as-needed)
probe=native/build/probe
# What libtorch's libraries need in turn is left to the loader: it says in a line what is missing.
"$cxx" "-D_GLIBCXX_USE_CXX11_ABI=$abi" -o "$probe" -Wl,--allow-shlib-undefined -x c++ - -x none "${link[@]}" "-Wl,-rpath,$libs" -ldl >>"$log" 2>&1 <<'CPP' ||
#include <cstdio>
#include <dlfcn.h>
#include <string>
namespace at { std::string show_config(); }
// An index of eight bits or a size, by the version: the low byte is the number in both.
namespace torch { namespace cuda { signed char device_count(); } }
int main() {
  std::printf("GPUs %d\ndriver %s\n", torch::cuda::device_count(), dlopen("libcuda.so.1", RTLD_LAZY) ? "found" : "missing");
  std::puts(at::show_config().c_str());
}
CPP
  { tail -n 5 "$log" >&2; die "a small program does not compile and link against the libtorch in $libs; the whole log is $log. Name a g++ in CXX that fits it."; }
said=$("$probe" 2>"$probe.log") || {
  # The loader names the first that is missing, ldd all of them.
  missing=$(ldd "$probe" 2>/dev/null | sed -nE 's/^\s*(\S+) => not found.*/\1/p' | sort -u | paste -sd ' ' || true)
  words=$(tail -n 1 "$probe.log" | sed 's/.*error while loading shared libraries: //')
  die "the libtorch in $libs does not load: ${missing:+not found: }${missing:-${words:-it ended without a word}}. Install what brings that, or name its folder in LD_LIBRARY_PATH (a cluster: module load cuda)."
}
of() { grep -oE "\b$1=[0-9]+\.[0-9]+" <<<"$said" | head -n 1 | cut -d= -f2 || true; }
version=$(of TORCH_VERSION)
[ "${version:-$major.$minor}" = "$major.$minor" ] ||
  die "the library that loads from $libs is libtorch $version and the headers in $include are of $major.$minor. Install both in one version, or name another libtorch in TORCH_DIR${LD_LIBRARY_PATH:+; LD_LIBRARY_PATH may have brought another library}."

# ── GPU: said now rather than in the middle of a run ────────────────────────────────────────────────────────────────
gpus=$(sed -nE 's/^GPUs ([0-9]+)$/\1/p' <<<"$said")
# LAB_DEV, LAB_SYS: where the system's device files and devices lie, if not in /dev and /sys. A file nvidiactl is no sign of a
# GPU: CUDA's driver library makes it for root where there is none.
here=none
for bus in "${LAB_SYS:-/sys}"/bus/pci/devices/*; do
  if grep -qsx 0x10de "$bus/vendor" && grep -qs '^0x03' "$bus/class"; then here=idle; fi
done
if compgen -G "${LAB_DEV:-/dev}/nvidia[0-9]*" >/dev/null; then here=driven; fi
why_unseen() {
  local words; words=$(sed -nE '/.*CUDA initialization: / { s///; s/ *\(function .*//; s/ Please .*//; s/^Unexpected error.* Error ([0-9]+:)/CUDA error \1/; s/\.$//; p; q }' "$probe.log")
  if grep -qx 'driver missing' <<<"$said"; then echo "CUDA's driver library libcuda.so.1, which comes with the driver, is not found (a container gets it by --gpus all or --nv)"
  elif [ -n "$words" ]; then echo "$words"
  elif [ -n "${CUDA_VISIBLE_DEVICES+set}" ]; then echo "CUDA_VISIBLE_DEVICES is '$CUDA_VISIBLE_DEVICES', which names none that is here"
  elif [ ! -r /proc/driver/nvidia/version ]; then echo "its driver is not loaded, or the container was not given it"
  else echo "its driver ($(grep -oE 'Kernel Module .*' /proc/driver/nvidia/version | grep -oE '[0-9]+\.[0-9.]+' | head -n 1 || true)) is too old for that CUDA, or this job was not given the GPU"
  fi
}
if [ "${gpus:-0}" -gt 0 ]; then :
elif [ "$here" = none ]; then say "There is no NVIDIA GPU here: the lab computes on the CPU."
elif [ "$here" = idle ]; then say "There is an NVIDIA GPU, and its driver is not loaded, or the container was not given it: the lab computes on the CPU."
elif [ -z "$cuda_library" ]; then say "There is a GPU, and this libtorch was built without CUDA: the lab computes on the CPU. Name a PyTorch with CUDA in PYTHON to use the GPU."
else cuda_version=$(of CUDA_VERSION); say "There is a GPU, and libtorch (CUDA ${cuda_version:-of unknown version}) does not see it: $(why_unseen). The lab computes on the CPU."
fi

# ── Compile ─────────────────────────────────────────────────────────────────────────────────────────────────────────
standard=c++14
if [ "$major" -ge 2 ] && [ "$minor" -ge 1 ]; then standard=c++17; fi
if [ "$major" -ge 2 ] && [ "$minor" -ge 9 ]; then standard=c++20; fi
flags=(-std=$standard -fPIC -O2 -DNDEBUG -fopenmp -fvisibility=hidden "-D_GLIBCXX_USE_CXX11_ABI=$abi" -isystem "$include/torch/csrc/api/include")
# The system's own folder must stay where the compiler has it in its order: its C++ headers include "the next" stdlib.h.
[ "$(realpath "$include")" = /usr/include ] || flags+=(-isystem "$include")
say "Compiling against libtorch $major.$minor in $libs ($standard, C++11 ABI $abi)"
# Two compile at a time; the first that fails says so, for both.
rm -rf native/build/failed
compile() { [ ! -e native/build/failed ] || exit 1; "$cxx" "${flags[@]}" "${@:3}" -c "native/$1" -o "native/build/$2" >>"$log" 2>&1 || { mkdir native/build/failed 2>/dev/null || exit 1; tail -n 20 "$log" >&2; die "native/$1 did not compile; the whole log is $log. An older g++ than this libtorch expects gives such errors: name a newer one in CXX."; }; }
compile labtorch.cpp labtorch.o &
first=$!
for part in autograd_function attention pointwise products float_products packed_weights; do compile $part.cpp $part.o; done
for part in attention_head elementwise kernels; do compile $part.cpp $part.o -O3 -ffp-contract=fast -Wno-psabi -Wno-maybe-uninitialized; done
compile memory.cpp memory.o
wait "$first" || exit 1
"$cxx" -shared -fopenmp native/build/{labtorch,autograd_function,attention,attention_head,pointwise,products,float_products,packed_weights,elementwise,memory}.o -o native/build/liblabtorch.so "${link[@]}" "-Wl,-rpath,$libs" >>"$log" 2>&1 &&
"$cxx" -shared -fopenmp native/build/{kernels,attention_head,elementwise}.o -o native/build/liblabkernels.so >>"$log" 2>&1 ||
  { tail -n 20 "$log" >&2; die "the libraries did not link; the whole log is $log."; }

# What it was compiled for: ./lab sees by it when that PyTorch was replaced or taken away.
stat -L -c '%s %Y %n' "$libs/libtorch_cpu.so" >native/build/libtorch

# ── Check ───────────────────────────────────────────────────────────────────────────────────────────────────────────
# The shell's own words for a process that was killed go to the log with the rest.
check() { ./lab bench --quick --no-methods --no-python --rounds 1 --device "$1" --out native/build/check.json; } >>"$log" 2>&1
# What a check ended with, without where in the program that was.
reason() {
  awk '/^(lab: |Unhandled exception\. )/ { sub(/^(lab: |Unhandled exception\. [A-Za-z.]+( \(0x[0-9A-Fa-f]+\))?: )/, ""); end = $0; if (/^Unable to load/) { getline; end = $0 } }
    NF { last = $0 } END { print end != "" ? end : last }' "$log"
}
device=cpu
if [ "${gpus:-0}" -gt 0 ]; then
  if check cuda:0; then device=cuda:0
  else say "The GPU cannot be used, so the lab computes on the CPU: $(reason)"
  fi
fi
[ "$device" != cpu ] || check cpu ||
  die "the library was built, but a small benchmark on the CPU failed ($(reason)); the whole log is $log."
ffmpeg -version >/dev/null 2>&1 ||
  say "There is no ffmpeg that runs here, so synthetic videos cannot be made: for ./lab train, copy the folder data/ from a machine where the same training has begun (its decoded clips are kept there)."
say "Ready. Next: ./lab bench --quick, ./lab bench --device $device, ./lab --help"
