#!/usr/bin/env bash
# Builds, checks the formatting and runs every test; the last line says how many passed, failed and were skipped.
#   TEST_POSTGRES     connection string of a PostgreSQL to use (a role that may create databases); by default one is started for the run
#   REQUIRE_CLUSTER   true: fail instead of leaving the cluster half out when its packages cannot be restored
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_NOLOGO=true DOTNET_CLI_TELEMETRY_OPTOUT=true TESTINGPLATFORM_TELEMETRY_OPTOUT=true

work=$(mktemp -d)
chmod 711 "$work" # the user of the server has to get through
finish() {
  [[ ! -d $work/postgres ]] || eng/postgres.sh stop "$work/postgres" || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

step() { echo; echo "== $* ($((SECONDS / 60))m$((SECONDS % 60))s)"; }
fail() { echo "test.sh: $*" >&2; exit 1; }

command -v dotnet >/dev/null || fail "the .NET SDK is missing: install the version that global.json names, https://dot.net"

# The cluster half needs Microsoft.Orleans.* packages, which not every registry has.
choose_solution() {
  solution=Standalone.slnf
  local all standalone
  all=$(grep -c '\.csproj"' Cluster.sln)
  standalone=$(grep -c '\.csproj"' Standalone.slnf)
  ((all > standalone)) || return 0
  if dotnet restore Cluster.sln >"$work/restore.log" 2>&1; then
    solution=Cluster.sln
    return
  fi
  {
    echo "##############################################################################"
    echo "##  THE CLUSTER HALF IS NOT TESTED: $((all - standalone)) project(s) cannot be restored."
    echo "##  Missing packages:"
    grep -oE "error NU1[0-9]+: .*" "$work/restore.log" | grep -oE "\b[A-Z][A-Za-z0-9]*(\.[A-Za-z0-9]+)+\b( with version \([^)]*\))?" |
      grep -vE "^(NuGet|Cluster)\.|\.(csproj|org|sln)$" | sort -u | sed 's/^/##    /' || true
    echo "##  Errors:"
    grep -E "\berror\b" "$work/restore.log" | sed 's/ \[.*//; s/^/##    /' | sort -u | head -20 || true
    echo "##############################################################################"
  } >&2
  [[ ${REQUIRE_CLUSTER:-} != true ]] || fail "REQUIRE_CLUSTER is set"
}

step "Restore"
choose_solution
dotnet restore "$solution" >"$work/restore.log" 2>&1 || { cat "$work/restore.log"; fail "the packages of $solution cannot be restored"; }
echo "Testing $solution"

step "Build, warnings are errors"
dotnet build "$solution" --no-restore -warnaserror || fail "the build failed"

step "Formatting"
formatting=0
dotnet format "$solution" --verify-no-changes --no-restore || formatting=$?

step "PostgreSQL"
if [[ -z ${TEST_POSTGRES:-} ]]; then
  TEST_POSTGRES=$(eng/postgres.sh start "$work/postgres")
  export TEST_POSTGRES
  echo "Started one in $work/postgres"
else
  echo "Using the one that TEST_POSTGRES names"
fi

# Runs tests, adds up what their summary says and notes what failed. Only the summary at the end counts: a test may print anything.
passed=0 failed=0 skipped=0 tests=0
run_tests() {
  local log=$work/tests.log code=0 counts=() name
  # 8 means that a project holds no test yet. A test that hangs does not listen to the first limit; the second one kills.
  timeout --kill-after=30s 35m dotnet test "$@" --no-build --no-progress --no-ansi --ignore-exit-code 8 --timeout 30m </dev/null 2>&1 | tee "$log" || code=$?
  for name in succeeded failed skipped; do
    counts+=("$(tac "$log" | sed '/^Test run summary:/q' | sed -nE "s/^  $name: ([0-9]+)$/\1/p" | head -1)")
    [[ -n ${counts[-1]} ]] || fail "the test run ended without a summary (exit code $code)"
  done
  grep -E "^failed " "$log" >>"$work/failed" || true
  ((passed += counts[0], failed += counts[1], skipped += counts[2], tests += code)) || true
}

step "Tests"
run_tests --solution Standalone.slnf
if [[ $solution == Cluster.sln ]]; then
  # One after the other: they start clusters, and count seconds after kills.
  for project in tests/*.Tests; do
    grep -q "${project#tests/}.csproj" Standalone.slnf || { step "$project"; run_tests --project "$project"; }
  done
fi

step "Done"
status=0
((formatting == 0)) || { status=1; echo "FAILED: the formatting; 'dotnet format $solution' repairs it"; }
((tests == 0)) || { status=1; echo "FAILED: the tests (exit code $tests)"; }
((failed == 0)) || { status=1; sed 's/^/  /' "$work/failed"; }
((passed + failed + skipped > 0)) || { status=1; echo "FAILED: there was not a single test"; }
[[ $solution == Cluster.sln || $(grep -c '\.csproj"' Cluster.sln) == $(grep -c '\.csproj"' Standalone.slnf) ]] ||
  echo "NOT TESTED: the cluster half, see above"
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
