#!/usr/bin/env bash
# Builds Faultline and opens it. Without a display: plays an incident from its symptom to its grade and draws
# every page into pictures.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=build.sh
. "$(dirname "${BASH_SOURCE[0]}")/build.sh"

install_dependencies
build_targets faultline faultctl

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    say "Opening the window"
    exec "$build/app/desktop/faultline" "$@"
fi

out="$root/build/first-run"
rm -rf "$out"
mkdir -p "$out"
incident=image-pull-backoff
cause=node-egress
faultctl="$build/app/cli/faultctl"

say "No display. Proving that $incident/$cause can be diagnosed and repaired"
"$faultctl" verify "$incident/$cause"

say "Playing it with the commands of packaging/first-run.txt"
"$faultctl" play "$incident" --cause "$cause" --seed 7 --script "$root/packaging/first-run.txt" \
    --diagnosis "$cause" --report "$out/report" --replay-out "$out/$incident.replay"

say "Playing the replay: the world must end with the same fingerprint"
"$faultctl" replay "$out/$incident.replay" --fingerprint

say "Drawing the window's pages"
QT_QPA_PLATFORM=offscreen "$build/app/desktop/faultline" --screenshot "$out/screenshots"

say "Done"
printf '%s\n' "report:      $out/report/report.html" "replay:      $out/$incident.replay" \
    "screenshots: $out/screenshots"
