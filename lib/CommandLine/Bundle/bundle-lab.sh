#!/usr/bin/env bash
# The lab from a bundle: ./setup once, then ./lab VERB …
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -f "$here/native/build/liblabtorch.so" ] || { echo "lab: run $here/setup first; it compiles the native library against this machine's PyTorch." >&2; exit 1; }
# A library compiled for one libtorch and loaded with another dies in the middle of something, or computes nonsense.
torch=$(cat "$here/native/build/libtorch" 2>/dev/null)
[ -z "$torch" ] || [ "$torch" = "$(stat -L -c '%s %Y %n' "${torch#* * }" 2>/dev/null)" ] ||
  { echo "lab: ${torch#* * } was replaced or removed since $here/setup compiled against it; run $here/setup again." >&2; exit 1; }
# What the loader finds now: a module that was loaded for setup and is not for this job, or one that brings another libtorch.
loads=$(ldd "$here/native/build/liblabtorch.so" 2>/dev/null)
missing=$(sed -nE 's/^\s*(\S+) => not found.*/\1/p' <<<"$loads" | sort -u | paste -sd ' ')
[ -z "$missing" ] || { echo "lab: libtorch does not load, not found: $missing; load the modules and set LD_LIBRARY_PATH as when $here/setup ran, or run it again." >&2; exit 1; }
loaded=$(sed -nE 's/^\s*libtorch_cpu\.so\S* => (\S+) .*/\1/p' <<<"$loads")
[ -z "$torch" ] || [ -z "$loaded" ] || [ "$loaded" -ef "${torch#* * }" ] ||
  { echo "lab: LD_LIBRARY_PATH brings the libtorch $loaded, and $here/setup compiled against ${torch#* * }; unset it, or run $here/setup again." >&2; exit 1; }
# glibc gives other threads than the first heaps of 64 MiB, and whatever is larger to the system and back each time.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"
exec "$here/bin/lab/ZeroI2V.Lab" "$@"
