#!/usr/bin/env bash
# Compiles the lab's native library against the PyTorch or libtorch of this machine, and checks that it works.
#
#   ./setup                                     the PyTorch of python3
#   PYTHON=/opt/venv/bin/python ./setup         another one
#   TORCH_DIR=/opt/libtorch ./setup             a libtorch without Python
#
# Needs g++ and a PyTorch or libtorch from 1.13 on. No .NET, no NuGet, no ffmpeg, no network.
set -Eeuo pipefail
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

# ── libtorch: its folder, headers, version, CUDA ────────────────────────────────────────────────────────────────────
python_version='' cuda_version='' sees_gpu=''
if [ -n "${TORCH_DIR:-}" ]; then
  [ -d "$TORCH_DIR" ] || die "TORCH_DIR is '$TORCH_DIR', and there is no such folder."
  root=$TORCH_DIR
  libs=$(find -L "$root" -maxdepth 3 -name libtorch_cpu.so -printf '%h' -quit 2>/dev/null || true)
  libs=${libs:-$root/lib}
else
  found=''
  for python in ${PYTHON:-python3 /usr/bin/python3}; do
    # Where the library really lies is what this process has loaded; distributions put it elsewhere than wheels do.
    found=$("$python" - 2>/dev/null <<'PY'
import os, torch
libs = [line.split()[-1] for line in open('/proc/self/maps') if 'libtorch_cpu.so' in line][0]
print(os.path.dirname(torch.__file__), os.path.dirname(libs), torch.__version__, torch.version.cuda or '-', torch.cuda.is_available(), sep='|')
PY
    ) && break || found=''
  done
  [ -n "$found" ] || die "no PyTorch was found (asked ${PYTHON:-python3 and /usr/bin/python3}). Name a Python that has it in PYTHON, or a libtorch in TORCH_DIR."
  IFS='|' read -r root libs python_version cuda_version sees_gpu <<<"$found"
fi
# Debian's Python has loaded libtorch_cpu.so.1.13; the name to link with comes with libtorch-dev.
[ -e "$libs/libtorch_cpu.so" ] || die "there is no libtorch_cpu.so in $libs. A wheel has it in torch/lib, Debian in libtorch-dev: install that, or name another PyTorch."
include=''
for candidate in "$root/include" /usr/include; do
  [ -f "$candidate/ATen/ATen.h" ] && include=$candidate && break
done
[ -n "$include" ] || die "libtorch's headers are missing under $root/include. Wheels bring them; Debian has them in libtorch-dev."
version_file=''
for candidate in torch/headeronly/version.h torch/csrc/api/include/torch/version.h torch/version.h; do
  if [ -f "$include/$candidate" ] && grep -q 'TORCH_VERSION_MAJOR  *[0-9]' "$include/$candidate"; then version_file=$include/$candidate; break; fi
done
[ -n "$version_file" ] || die "the headers in $include do not tell libtorch's version, so they are not whole. Install PyTorch anew."
part() { sed -nE "s/^#define TORCH_VERSION_$1 +([0-9]+).*/\1/p" "$version_file"; }
major=$(part MAJOR) minor=$(part MINOR)
[ "$major" -gt 1 ] || [ "$minor" -ge 13 ] || die "libtorch is $major.$minor; expected 1.13 or newer. Install a newer PyTorch."
case $python_version in
  '' | "$major.$minor".*) ;;
  *) die "PyTorch is $python_version and its headers in $include are of $major.$minor. Install headers and library of one version, or name the libtorch in TORCH_DIR." ;;
esac

# ── GPU: said now rather than in the middle of a run ────────────────────────────────────────────────────────────────
cuda_library=''; [ -e "$libs/libtorch_cuda.so" ] && cuda_library=$libs/libtorch_cuda.so
# LAB_DEV: where the system's device files lie, if not in /dev.
gpu=no; [ -e "${LAB_DEV:-/dev}/nvidiactl" ] && gpu=yes
if [ "$gpu" = no ]; then say "There is no NVIDIA GPU here: the lab computes on the CPU."
elif [ -z "$cuda_library" ]; then say "There is a GPU, and this libtorch was built without CUDA: the lab computes on the CPU. Name a PyTorch with CUDA in PYTHON to use the GPU."
elif [ "$sees_gpu" = False ]; then say "There is a GPU, and PyTorch (CUDA $cuda_version) does not see it: its driver ($(sed -nE 's/.*Kernel Module +([0-9.]+).*/\1/p' /proc/driver/nvidia/version 2>/dev/null || echo none loaded)) is too old for that CUDA, or the container lacks it. The lab computes on the CPU."
fi

# ── Compile ─────────────────────────────────────────────────────────────────────────────────────────────────────────
standard=c++14
if [ "$major" -ge 2 ] && [ "$minor" -ge 1 ]; then standard=c++17; fi
if [ "$major" -ge 2 ] && [ "$minor" -ge 9 ]; then standard=c++20; fi
abi=0; grep -qE '_ZN3c105ErrorC[12].*NSt7__cxx1112basic_string' "$libs/libc10.so" && abi=1
flags=(-std=$standard -fPIC -O2 -DNDEBUG -fopenmp -fvisibility=hidden "-D_GLIBCXX_USE_CXX11_ABI=$abi" -isystem "$include/torch/csrc/api/include")
# The system's own folder must stay where the compiler has it in its order: its C++ headers include "the next" stdlib.h.
[ "$(realpath "$include")" = /usr/include ] || flags+=(-isystem "$include")
say "Compiling against libtorch $major.$minor in $libs ($standard, C++11 ABI $abi)"
mkdir -p native/build
log=native/build/setup.log; : >"$log"
compile() { "$cxx" "${flags[@]}" "${@:3}" -c "native/$1" -o "native/build/$2" >>"$log" 2>&1 || { tail -n 20 "$log" >&2; die "native/$1 did not compile; the whole log is $log. An older g++ than this libtorch expects gives such errors: name a newer one in CXX."; }; }
compile labtorch.cpp labtorch.o &
first=$!
for part in autograd_function attention pointwise products packed_weights; do compile $part.cpp $part.o; done
for part in attention_head elementwise kernels; do compile $part.cpp $part.o -O3 -ffp-contract=fast -Wno-psabi -Wno-maybe-uninitialized; done
compile memory.cpp memory.o
wait "$first" || exit 1
link=("$libs/libtorch_cpu.so" "$libs/libc10.so"); [ -e "$libs/libtorch.so" ] && link+=("$libs/libtorch.so")
[ -n "$cuda_library" ] && link+=(-Wl,--no-as-needed "$cuda_library" -Wl,--as-needed)
"$cxx" -shared -fopenmp native/build/{labtorch,autograd_function,attention,attention_head,pointwise,products,packed_weights,elementwise,memory}.o -o native/build/liblabtorch.so "${link[@]}" "-Wl,-rpath,$libs" >>"$log" 2>&1 &&
"$cxx" -shared -fopenmp native/build/{kernels,attention_head,elementwise}.o -o native/build/liblabkernels.so >>"$log" 2>&1 ||
  { tail -n 20 "$log" >&2; die "the libraries did not link; the whole log is $log."; }

# What it was compiled for: ./lab sees by it when that PyTorch was replaced or taken away.
stat -L -c '%s %Y %n' "$libs/libtorch_cpu.so" >native/build/libtorch

# ── Check ───────────────────────────────────────────────────────────────────────────────────────────────────────────
check() { ./lab bench --quick --no-methods --no-python --rounds 1 --device "$1" --out native/build/check.json >>"$log" 2>&1; }
device=cpu
if [ "$gpu" = yes ] && [ -n "$cuda_library" ] && [ "$sees_gpu" != False ]; then
  if check cuda:0; then device=cuda:0
  else say "The GPU cannot be used, so the lab computes on the CPU: $(tail -n 1 "$log")"
  fi
fi
[ "$device" != cpu ] || check cpu ||
  { tail -n 5 "$log" >&2; die "the library was built, but a small benchmark on the CPU failed; its message stands above, the whole log is $log."; }
command -v ffmpeg >/dev/null ||
  say "There is no ffmpeg here, so synthetic videos cannot be made: for ./lab train, copy the folder data/ from a machine where the same training has begun (its decoded clips are kept there)."
say "Ready. Next: ./lab bench --quick, ./lab bench --device $device, ./lab --help"
