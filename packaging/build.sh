# shellcheck shell=bash
# Sourced by run.sh and test.sh: installs what is missing and builds the tree. Expects `set -euo pipefail`.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
build="$root/build/dev"
jobs="$(nproc)"

say() {
    printf '==> %s\n' "$*"
}

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Qt and CMake read file names in the locale's encoding.
case "${LC_ALL:-${LC_CTYPE:-${LANG:-}}}" in
*[Uu][Tt][Ff]*8*) ;;
*) export LC_ALL=C.UTF-8 ;;
esac

# The packages of dependencies.txt that dpkg does not have.
missing_packages() {
    local package condition command
    while read -r package condition command; do
        case "$package" in '' | '#'*) continue ;; esac
        if [ "$condition" = unless ] && command -v "$command" >/dev/null; then
            continue
        fi
        case "$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)" in
        ?i*) ;;
        *) printf '%s\n' "$package" ;;
        esac
    done <"$root/packaging/dependencies.txt"
}

install_dependencies() {
    command -v dpkg-query >/dev/null \
        || die "this is no Debian: install what dependencies.txt lists and use the CMake preset dev"
    local missing as_root=()
    mapfile -t missing < <(missing_packages)
    [ "${#missing[@]}" -gt 0 ] || return 0
    say "Installing ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "neither root nor sudo to install these with: ${missing[*]}"
        as_root=(sudo)
    fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q)
    "${apt[@]}" update
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
}

# build_targets TARGET...
build_targets() {
    say "Configuring $build"
    # Without the preset's debug information: nobody looks at it here, and it takes a twentieth of the time.
    (cd "$root" && cmake --preset dev -DCMAKE_CXX_FLAGS_DEBUG=-O1)
    say "Building with $jobs jobs"
    cmake --build "$build" --parallel "$jobs" --target "$@"
}
