#!/usr/bin/env bash
# Builds, which checks the style too, and runs every test; the last line says how many passed, failed and were skipped.
#   TEST_POSTGRES     connection string of a PostgreSQL to use (a role that may create databases); by default one is started for the run
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_NOLOGO=true DOTNET_CLI_TELEMETRY_OPTOUT=true TESTINGPLATFORM_TELEMETRY_OPTOUT=true

solution=Cluster.sln
# Alone, one after the other: they start clusters of processes or kill silos, and count the seconds until somebody has noticed.
alone=(Gateway.Tests Cluster.Tests)

work=$(mktemp -d)
chmod 711 "$work" # the user of the server has to get through
finish() {
  [[ ! -d $work/postgres ]] || eng/postgres.sh stop "$work/postgres" || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() { echo "test.sh: $*" >&2; exit 1; }

# Seconds of processor time that this machine has spent on anything, where it tells.
processor_seconds() { [[ ! -r /proc/stat ]] || awk -v hz="$(getconf CLK_TCK)" '/^cpu / { print int(($2 + $3 + $4) / hz) }' /proc/stat; }

table=() name='' began=0 spent=0
end_step() {
  [[ -z $name ]] || table+=("$(printf '%-28s %8s %10s' "$name" "$(((SECONDS - began) / 60))m$(((SECONDS - began) % 60))s" "$(($(processor_seconds || echo 0) - spent))s")")
}
step() {
  end_step
  name=$1 began=$SECONDS spent=$(processor_seconds)
  echo
  echo "== $name"
}

command -v dotnet >/dev/null || fail "the .NET SDK is missing: install the version that global.json names, https://dot.net"

step "Restore"
dotnet restore "$solution" >"$work/restore.log" 2>&1 || { cat "$work/restore.log"; fail "the packages of $solution cannot be restored"; }

step "Build, warnings are errors"
# One compiler for all projects: one for each would load the analyzers anew every time. It outlives the build for a while and would keep a pipe open, so it is given a file.
dotnet build "$solution" --no-restore -warnaserror -p:UseSharedCompilation=true >"$work/build.log" 2>&1 || { cat "$work/build.log"; fail "the build failed"; }
tail -n 4 "$work/build.log"
dotnet build-server shutdown --vbcscompiler >"$work/build-server.log" 2>&1 || true

step "PostgreSQL"
if [[ -z ${TEST_POSTGRES:-} ]]; then
  TEST_POSTGRES=$(eng/postgres.sh start "$work/postgres")
  export TEST_POSTGRES
  echo "Started one in $work/postgres"
else
  echo "Using the one that TEST_POSTGRES names"
fi

# Runs the tests of the projects, adds up what their summary says and notes what failed. Only the summary at the end counts: a test may print anything.
passed=0 failed=0 skipped=0 tests=0
run_tests() {
  local log=$work/tests.log code=0 counts=() modules=() project name
  for project; do
    modules+=("$(ls artifacts/bin/"$project"/debug/{Cluster."$project","$project"}.dll 2>/dev/null)") || true
    [[ -n ${modules[-1]} ]] || fail "$project was not built"
  done
  # 8 means that a project holds no test yet. A test that hangs does not listen to the first limit; the second one kills.
  timeout --kill-after=30s 35m dotnet test --test-modules "$(IFS=';'; echo "${modules[*]}")" --max-parallel-test-modules 2 --no-progress --no-ansi \
    --ignore-exit-code 8 --timeout 30m </dev/null 2>&1 | tee "$log" || code=$?
  for name in succeeded failed skipped; do
    counts+=("$(awk -v name="$name:" '/^Test run summary:/ { count = "" } $1 == name && /^  / && NF == 2 { count = $2 } END { print count }' "$log")")
    [[ -n ${counts[-1]} ]] || fail "the test run ended without a summary (exit code $code)"
  done
  grep -E "^failed " "$log" >>"$work/failed" || true
  ((passed += counts[0], failed += counts[1], skipped += counts[2], tests += code)) || true
}

together=()
for project in tests/*.Tests; do
  project=${project#tests/}
  [[ " ${alone[*]} " == *" $project "* ]] || together+=("$project")
done
step "Tests, two projects at a time"
run_tests "${together[@]}"
for project in "${alone[@]}"; do
  step "$project"
  run_tests "$project"
done

end_step
echo
printf '%-28s %8s %10s\n' "step" "time" "processor"
printf '%s\n' "${table[@]}"
printf '%-28s %8s\n\n' "all" "$((SECONDS / 60))m$((SECONDS % 60))s"
status=0
((tests == 0)) || { status=1; echo "FAILED: the tests (exit code $tests)"; }
((failed == 0)) || { status=1; sed 's/^/  /' "$work/failed"; }
((passed + failed + skipped > 0)) || { status=1; echo "FAILED: there was not a single test"; }
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
