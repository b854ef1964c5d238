#!/usr/bin/env bash
# count_tests_test.sh SCRIPT: feeds results as ctest writes them to packaging/count-tests.sh.
set -euo pipefail
script=$1
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
failed=0

# expect NAME STATUS LINE: the file `results` gives this line and this exit status.
expect() {
    local status=0 line
    line="$(bash "$script" "$folder/results" 2>/dev/null)" || status=$?
    if [ "$line" != "$3" ] || [ "$status" != "$2" ]; then
        printf '%s: expected "%s" and status %s, got "%s" and status %s\n' "$1" "$3" "$2" "$line" "$status"
        failed=1
    fi
}

expect "no file" 1 ""

: >"$folder/results"
expect "empty file" 1 "0 passed, 0 failed"

cat >"$folder/results" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="(empty)"
    tests="2"
    >
    <testcase name="a" classname="a" time="0.1" status="run">
        <system-out>&lt;testcase name="b" status="fail"/&gt; status="fail"</system-out>
    </testcase>
    <testcase status="run" name="b"
        time="0.1"/>
</testsuite>
XML
expect "all pass" 0 "2 passed, 0 failed"

cat >"$folder/results" <<'XML'
<testsuite tests="6">
    <testcase name="a" status="run"><system-out></system-out></testcase>
    <testcase name="b" status="fail"><failure message=""/></testcase>
    <testcase name="c" status="notrun"><skipped message="Unable to find executable"/></testcase>
    <testcase name="d" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
    <testcase name="e" status="disabled"><system-out>Disabled</system-out></testcase>
    <testcase name="f" status="something new"/>
</testsuite>
XML
expect "each kind" 1 "1 passed, 3 failed"

cat >"$folder/results" <<'XML'
<testsuite tests="1"><testcase name="d" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase></testsuite>
XML
expect "nothing but skips" 1 "0 passed, 0 failed"

exit "$failed"
