#!/usr/bin/env bash
# Packs Tests, Bench and Examples with the .NET runtime and the kernels' PTX, for a linux-x64 machine that has no dotnet:
#   build/bundle.sh [FILE]      default: out/gradwright-linux-x64.tar.xz, at most 40 MB
# There: tar xf FILE && bundle/Gradwright.Tests --filter "FullyQualifiedName~Gpu|TestCategory=Devices" (or bundle/Gradwright.Examples, bundle/Gradwright.Bench)
set -euo pipefail
cd "$(dirname "$0")/.."
file=$(realpath -m "${1:-out/gradwright-linux-x64.tar.xz}")
folder=out/bundle
rm -rf "$folder"
ptx=
if command -v clang-19 > /dev/null || command -v clang > /dev/null; then
    build/ptx.sh out/gradwright-ptx.zip --stored
    ptx=$(realpath out/gradwright-ptx.zip)
else
    echo "without PTX: clang-19 and libclc-19 are not here" >&2
fi
# One folder for all: they share the runtime and the library. Examples comes last, since Tests and Bench bring it or its packages along.
for project in Bench Tests Examples; do
    dotnet publish "$project" -c Release -r linux-x64 --self-contained -o "$folder" -p:PtxArchive="$ptx" -p:DebugType=none -p:SatelliteResourceLanguages=en -nologo -v quiet
done
# Parts of the runtime and of packages that nothing here uses: diagnosis of a running process, other garbage collectors, a disassembler.
rm -f "$folder"/{libmscordaccore.so,libmscordbi.so,libcoreclrtraceptprovider.so,createdump,libclrgc.so,libclrgcexp.so,libcapstone.so} "$folder"/*.xml
find "$folder" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +         # other systems' profilers for code coverage, messages in other languages
for program in Tests Bench Examples; do [ -x "$folder/Gradwright.$program" ] || { echo "Gradwright.$program is missing" >&2; exit 1; }; done
tar -C out --sort=name --owner=0 --group=0 -cf - bundle | xz -6 -T0 > "$file"
size=$(stat -c %s "$file")
echo "$file: $((size / 1000000)) MB"
[ "$size" -le 40000000 ] || { echo "more than 40 MB" >&2; exit 1; }
