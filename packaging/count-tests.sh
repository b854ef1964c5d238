#!/usr/bin/env bash
# count-tests.sh JUNIT_FILE: prints "N passed, N failed" for what `ctest --output-junit` wrote. A test that
# could not be run is a failure; one that skipped itself or is disabled is neither, and is told on stderr. The
# status is 0 only when nothing failed and something passed.
set -euo pipefail

[ -r "${1:-}" ] || {
    echo "count-tests.sh: there are no test results at ${1:-(no file given)}" >&2
    exit 1
}

# One element a record, so that attributes may stand in any order and on any line. Output of tests cannot be
# taken for an element: in XML its "<" is "&lt;".
awk '
BEGIN { RS = "<" }
function attribute(name) {
    if (!match($0, "[ \t\n]" name "=\"[^\"]*\""))
        return ""
    return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
}
function close_case() {
    if (!open)
        return
    if (status == "run")
        ++passed
    else if (status == "disabled" || status == "notrun" && reason ~ /^SKIP_/)
        ++skipped
    else
        ++failed
    open = 0
}
/^testcase[ \t\n]/ { close_case(); open = 1; status = attribute("status"); reason = "" }
/^skipped[ \t\n]/ { reason = attribute("message") }
/^failure/ { status = "fail" }
END {
    close_case()
    if (skipped)
        printf "%d skipped\n", skipped > "/dev/stderr"
    printf "%d passed, %d failed\n", passed, failed
    exit failed > 0 || passed == 0
}' "$1"
