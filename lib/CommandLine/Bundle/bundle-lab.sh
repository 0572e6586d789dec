#!/usr/bin/env bash
# The lab from a bundle: ./setup once, then ./lab VERB …
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -f "$here/native/build/liblabtorch.so" ] || { echo "lab: run $here/setup first; it compiles the native library against this machine's PyTorch." >&2; exit 1; }
exec "$here/bin/lab/ZeroI2V.Lab" "$@"
