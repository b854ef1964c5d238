#!/usr/bin/env bash
# Builds ASTRA-sim, the peer of `faultctl bench nccl --peer FOLDER`.
#
#   packaging/astra_sim.sh [FOLDER]      # default: build/astra-sim
#
# A FOLDER that already holds a checkout (with its submodules) is used as it is; otherwise the sources are fetched
# at the commits below. Needs git, cmake, g++, protoc and protobuf's headers (protobuf-compiler libprotobuf-dev).
# ASTRA_SIM_ORIGIN replaces https://github.com, for instance by a folder of mirrors.
#
# Four parts are not at the commits that ASTRA-sim pins, which cannot be had or do not build: chakra (branch stage, with
# one line moved), the analytical network (main), spdlog (v1.x) and yaml-cpp once instead of twice.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
folder="${1:-$root/build/astra-sim}"
origin="${ASTRA_SIM_ORIGIN:-https://github.com}"

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

for tool in git cmake g++ protoc; do
    command -v "$tool" >/dev/null || die "$tool is missing (packages: git cmake g++ protobuf-compiler libprotobuf-dev)"
done

# repository commit place
fetch() {
    local place="$folder/$3"
    if [ -n "$(ls -A "$place" 2>/dev/null)" ]; then
        return
    fi
    printf '==> %s at %s\n' "$1" "$2"
    mkdir -p "$place"
    git -C "$place" init -q
    if ! git -C "$place" fetch -q --depth 1 "$origin/$1" "$2"; then
        rm -rf "$place/.git" # so that the next try starts over
        die "$1: commit $2 could not be fetched from $origin"
    fi
    git -C "$place" checkout -q FETCH_HEAD
}

fetch astra-sim/astra-sim 518bd513ae110428cd62eb60efc0f3993fd53c70 .
fetch astra-sim/chakra f37c2bb50afa8b0e99b32ba9921662ab77502e85 extern/graph_frontend/chakra
fetch astra-sim/astra-network-analytical 599a0473a9a74f5383f73b3cea5a12b9bc5ebaef extern/network_backend/analytical
fetch astra-sim/astra-memory-analytical 641cce854d256bfd288b1de9607b6757313363f9 extern/remote_memory_backend/analytical
fetch fmtlib/fmt 7e73566ce7bd3617cd4b14a2e3a19a2a30b524c7 extern/helper/fmt
fetch gabime/spdlog 62302019babd8fdf63c1c6dc4c9faa48d441a7f0 extern/helper/spdlog
fetch jbeder/yaml-cpp a83cd31548b19d50f3f983b069dceb4f4d50756d extern/helper/yaml-cpp

# `using ETFeeder` stands one namespace too deep for the code that uses it.
feeder="$folder/extern/graph_frontend/chakra/src/feeder_v3/et_feeder.h"
sed -i -e '/^using ETFeeder = FeederV3::ETFeeder;$/d' \
    -e 's|^} // namespace FeederV3$|&\nusing ETFeeder = FeederV3::ETFeeder;|' "$feeder"

# Both ASTRA-sim and its network bring yaml-cpp; the first one serves both.
second="$folder/extern/network_backend/analytical/extern/yaml-cpp"
mkdir -p "$second"
printf 'if(NOT TARGET yaml-cpp)\n    message(FATAL_ERROR "yaml-cpp comes from the main tree")\nendif()\n' >"$second/CMakeLists.txt"

schema="$folder/extern/graph_frontend/chakra/schema/protobuf"
if [ ! -f "$schema/et_def.pb.cc" ]; then
    protoc et_def.proto --proto_path="$schema" --cpp_out="$schema"
fi

build="$folder/build/astra_analytical/build"
cmake -S "$folder/build/astra_analytical" -B "$build" -DBUILDTARGET=all -DYAML_CPP_BUILD_TESTS=OFF \
    -DFETCHCONTENT_SOURCE_DIR_YAML-CPP="$folder/extern/helper/yaml-cpp" >/dev/null
cmake --build "$build" -j "$(nproc)"
printf 'built: faultctl bench nccl --peer %s\n' "$folder"
