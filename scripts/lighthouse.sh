#!/usr/bin/env bash
# Has Lighthouse look at the screens of a server that runs on an empty folder, on a desk and on a phone, and prints its scores.
# Exits 1 where one is below TRYALL_LIGHTHOUSE_LEAST (default 95). Reports lie in artifacts/lighthouse.
# Needs Go, npm and a Chromium (CHROME_PATH, else chromium of the path). Lighthouse comes through npm, once, and is kept in the cache.
# A machine that is busy scores lower: performance is what was measured here, with Lighthouse's simulated slow network and processor.
set -euo pipefail
cd "$(dirname "$0")/.."

version=12.8.2
least="${TRYALL_LIGHTHOUSE_LEAST:-95}"
tool="${XDG_CACHE_HOME:-$HOME/.cache}/tryall-ci/lighthouse-$version"
export CHROME_PATH="${CHROME_PATH:-$(command -v chromium || command -v google-chrome)}"
if [ ! -x "$tool/node_modules/.bin/lighthouse" ]; then
  mkdir -p "$tool"
  (cd "$tool" && npm install --silent --no-audit --no-fund "lighthouse@$version")
fi

work="$(mktemp -d)"
server=""
end() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$work/tryall" ./cmd/tryall
mkdir -p "$work/empty" artifacts/lighthouse
touch "$work/log"
(cd "$work/empty" && TRYALL_HOME="$work/home" HF_HUB_CACHE="$work/cache" exec "$work/tryall" serve --addr 127.0.0.1:0) >"$work/log" 2>&1 &
server=$!
for _ in $(seq 100); do
  grep -q 'tryall is at' "$work/log" && break
  sleep 0.1
done
home="$(sed -n 's/^tryall is at \(http[^ ]*\)\/.*/\1/p' "$work/log")"
[ -n "$home" ] || { cat "$work/log" >&2; exit 1; }

screens=(
  "ask /"
  "ask-answered /?t=sample-1&q=Who+proclaimed+the+oil+embargo%3F&wait=1"
  "compare /compare"
  "compare-answered /compare?t=sample-1&q=Who+proclaimed+the+oil+embargo%3F&wait=1"
  "bakeoff /bakeoff"
)
failed=0
printf '%-18s %-8s %12s %14s %8s\n' screen on performance accessibility 'paint ms'
for screen in "${screens[@]}"; do
  name="${screen%% *}" path="${screen#* }"
  curl --silent --output /dev/null "$home$path" # models are open and answers known: the page is measured
  for on in desktop mobile; do
    out="artifacts/lighthouse/$name-$on.json"
    preset=()
    [ "$on" = mobile ] || preset=(--preset=desktop)
    "$tool/node_modules/.bin/lighthouse" "$home$path" "${preset[@]}" --quiet --only-categories=performance,accessibility \
      --chrome-flags="--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage" --output=json --output-path="$out"
    node -e '
      const [file, name, on, least] = process.argv.slice(1);
      const r = JSON.parse(require("fs").readFileSync(file));
      const score = (c) => Math.round(100 * r.categories[c].score);
      const cells = [name.padEnd(18), on.padEnd(8), String(score("performance")).padStart(12), String(score("accessibility")).padStart(14),
        String(Math.round(r.audits["first-contentful-paint"].numericValue)).padStart(8)];
      console.log(cells.join(" "));
      for (const a of Object.values(r.audits)) if (a.score !== null && a.score < 0.9 && r.categories.accessibility.auditRefs.some((x) => x.id === a.id && x.weight > 0)) console.log("  " + a.id + ": " + a.title);
      process.exit(score("performance") < least || score("accessibility") < least ? 1 : 0);
    ' "$out" "$name" "$on" "$least" || failed=1
  done
done
exit "$failed"
