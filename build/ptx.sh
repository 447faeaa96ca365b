#!/usr/bin/env bash
# Compiles every kernel of the library to PTX with clang and libclc, without a GPU or anything of NVIDIA's:
#   build/ptx.sh [FILE [--stored]]     default: out/gradwright-ptx.zip; stored, it packs better as a part of something
# Beside the program's assemblies the archive is found by itself; a machine with it needs the driver and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
file=${1:-out/gradwright-ptx.zip}
mkdir -p "$(dirname "$file")"
dotnet run -c Release --project Examples -- kernels --ptx "$file" "${@:2}"
