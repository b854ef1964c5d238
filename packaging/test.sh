#!/usr/bin/env bash
# Installs, builds and runs every test. The last line is "N passed, N failed"; the status is 0 only when
# nothing failed and something passed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=build.sh
. "$(dirname "${BASH_SOURCE[0]}")/build.sh"

# Whatever ends the script early must still leave a count behind, and it counts as a failure.
verdict="0 passed, 1 failed"
trap 'status=$?; printf "%s\n" "$verdict"; exit "$status"' EXIT

install_dependencies
build_targets all

# Client libraries of tests/clients, where there is npm: without it those tests say that they were skipped.
if [ -z "${CLIENT_NODE_FROM:-}" ] && command -v npm >/dev/null; then
    say "Installing client libraries for node"
    if npm install --silent --no-audit --no-fund --prefix "$build/node-clients" openai@6 @kubernetes/client-node@1; then
        export CLIENT_NODE_FROM="$build/node-clients"
    fi
fi

say "Testing"
export QT_QPA_PLATFORM=offscreen
results="$build/test-results.xml"
rm -f "$results"
status=0
ctest --test-dir "$build" -j "$jobs" --output-on-failure --output-junit "$results" || status=$?

counted="$(bash "$root/packaging/count-tests.sh" "$results")" || status=1
[ -n "$counted" ] && verdict="$counted"
# ctest knows of failures that are not tests, such as a test list that could not be read.
case "$status $verdict" in
"0 "*) ;;
*" 0 failed") verdict="${verdict% 0 failed} 1 failed" ;;
esac
exit "$status"
