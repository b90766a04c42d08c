#!/usr/bin/env bash
# A whole cluster on this machine: PostgreSQL, silos and gateways as processes of their own, on loopback.
#   eng/cluster.sh up                  builds, migrates, starts what does not run yet, and waits until all of it is ready
#   eng/cluster.sh status              shows what runs; fails unless all of it is ready
#   eng/cluster.sh kill-silo N         ends a silo as a crash would (kill -9); kill-gateway N does it to a gateway
#   eng/cluster.sh restart-silo N      stops a silo in order, or finds it dead, and starts it again; restart-gateway N too
#   eng/cluster.sh logs [NAME]         prints one log, or the end of each
#   eng/cluster.sh down                stops everything; the database and the logs go with it
# Settings, from the environment; everything else there (OPENAI_API_KEY, Silo__Definitions, OTEL_…) goes on to silos and gateways:
#   SILOS, GATEWAYS     how many of each, 1 to 9 (2)
#   SILO_PROJECT        the program to run as silo (src/Silo)
#   CLUSTER_PROGRAMS    a directory in which these programs are built already (none: builds them)
#   CLUSTER_POSTGRES    Npgsql's connection string of a database to use, which down leaves alone (none: starts a server)
#   CLUSTER_DIR         where logs, process ids and the database are (.cluster in the repository)
#   CLUSTER_PORT        the first of the hundred ports that are used (7700)
#   CLUSTER_WAIT        how many seconds a process may take to become ready (120)
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export DOTNET_NOLOGO=true DOTNET_CLI_TELEMETRY_OPTOUT=true

say() { echo "cluster.sh: $*" >&2; }
fail() { say "$*"; exit 1; }
usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "$0" >&2; exit 2; }

state=${CLUSTER_DIR:-$root/.cluster}
[[ $state == /* ]] || state=$PWD/$state
wait_seconds=${CLUSTER_WAIT:-120}
started=()

# --- processes ------------------------------------------------------------------------------------------------------

kind_of() { echo "${1%-*}"; }
number_of() { echo "${1##*-}"; }
base_port() { cat "$state/port"; }

# Silo N: 7720+N health, 7730+N for silos, 7740+N for gateways. Gateway N: 7710+N.
url_of() {
  local offset=10
  [[ $(kind_of "$1") == gateway ]] || offset=20
  echo "http://127.0.0.1:$(($(base_port) + offset + $(number_of "$1")))"
}

# The number of a process that is gone may belong to a stranger by now: only what runs a program of this directory is ours.
pid_of() {
  local pid
  pid=$(cat "$state/$1.pid" 2>/dev/null) && [[ $pid =~ ^[0-9]+$ ]] || return 1
  [[ $(ps -o stat= -p "$pid" 2>/dev/null) != Z* && $(ps -ww -o args= -p "$pid" 2>/dev/null) == *"$state/programs/"* ]] || return 1
  echo "$pid"
}

names() {
  local file
  for file in "$state"/silo-*.pid "$state"/gateway-*.pid; do
    [[ ! -f $file ]] || basename "$file" .pid
  done
}

health_of() {
  local code
  code=$(curl -s -o /dev/null -m 4 -w '%{http_code}' "$(url_of "$1")/health/ready") || true
  case $code in
    200) echo ready ;;
    000) echo "no answer" ;;
    *) echo "not ready ($code)" ;;
  esac
}

is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The same settings as in docker-compose.yml; a test compares them.
environment_of() {
  local number port
  number=$(number_of "$1")
  port=$(base_port)
  echo "Cluster__Store=postgres:$(<"$state/connection")"
  if [[ $(kind_of "$1") == silo ]]; then
    echo "Cluster__GatewayPort=$((port + 40 + number))"
    echo "Silo__Url=$(url_of "$1")"
    echo "Silo__Address=127.0.0.1"
    echo "Silo__Port=$((port + 30 + number))"
  else
    echo "Gateway__Url=$(url_of "$1")"
  fi
}

ports_of() {
  local line
  url_of "$1" | sed 's/.*://'
  while read -r line; do
    case $line in *Port=*) echo "${line#*=}" ;; esac
  done < <(environment_of "$1")
}

start() {
  local name=$1 port settings=() line launch=(nohup)
  for port in $(ports_of "$name"); do
    ! is_taken "$port" || fail "port $port, which $name needs, is taken. Set CLUSTER_PORT to the first of a hundred free ports."
  done
  while IFS= read -r line; do settings+=("$line"); done < <(environment_of "$name")
  # A session of its own: a ctrl-C meant for something else must not reach it.
  ! command -v setsid >/dev/null || launch=(setsid nohup)
  env "${settings[@]}" "${launch[@]}" dotnet "$(cat "$state/programs/$(kind_of "$name")/entry")" >>"$state/$name.log" 2>&1 </dev/null &
  echo $! >"$state/$name.pid"
  disown
  # For a moment it is still this script.
  until pid_of "$name" >/dev/null || ! kill -0 $! 2>/dev/null; do sleep 0.05; done
  started+=("$name")
}

wait_ready() {
  local name=$1 until=$((SECONDS + wait_seconds))
  until [[ $(health_of "$name") == ready ]]; do
    if ! pid_of "$name" >/dev/null; then
      tail -n 20 "$state/$name.log" >&2
      fail "$name ended while it started; its log is $state/$name.log"
    fi
    ((SECONDS < until)) || { tail -n 20 "$state/$name.log" >&2; fail "$name is not ready after $wait_seconds seconds; its log is $state/$name.log"; }
    sleep 0.3
  done
}

wait_gone() {
  local until=$((SECONDS + $2))
  while pid_of "$1" >/dev/null; do
    ((SECONDS < until)) || return 1
    sleep 0.1
  done
}

# Longer than Silo:ShutdownSeconds and what telemetry takes to send its last.
stop_in_order() {
  local name=$1 pid
  pid=$(pid_of "$name") || return 0
  kill "$pid" 2>/dev/null || true
  wait_gone "$name" 60 && return
  say "$name does not stop: killing it"
  kill -9 "$pid" 2>/dev/null || true
  wait_gone "$name" 10 || fail "$name (process $pid) cannot be ended"
}

# --- commands -------------------------------------------------------------------------------------------------------

require_cluster() { [[ -f $state/port ]] || fail "there is no cluster in $state. Start one with 'eng/cluster.sh up'."; }

# Copies, so that a build does not pull the programs from under the feet of what runs.
build() {
  local kind=$1 project=$2 target
  [[ -e $root/$project ]] && project=$root/$project
  if [[ -n ${CLUSTER_PROGRAMS:-} ]]; then
    target=$(ls "$CLUSTER_PROGRAMS"/*."$(basename "$project")".dll) || fail "$CLUSTER_PROGRAMS has no $(basename "$project")"
  else
    echo "Building $project"
    dotnet build "$project" -c Release -v q --nologo -p:RunAnalyzers=false >"$state/build.log" 2>&1 || { cat "$state/build.log" >&2; fail "building $project failed"; }
    target=$(dotnet msbuild "$(project_file "$project")" -p:Configuration=Release -getProperty:TargetPath)
  fi
  rm -rf "$state/programs/$kind"
  mkdir -p "$state/programs"
  cp -R "$(dirname "$target")" "$state/programs/$kind"
  echo "$state/programs/$kind/$(basename "$target")" >"$state/programs/$kind/entry"
}

project_file() {
  if [[ -d $1 ]]; then ls "$1"/*.csproj; else echo "$1"; fi
}

start_postgres() {
  local port
  if [[ -n ${CLUSTER_POSTGRES:-} ]]; then
    (umask 077 && echo "${CLUSTER_POSTGRES#postgres:}" >"$state/connection")
    echo "PostgreSQL: the one that CLUSTER_POSTGRES names"
    return
  fi
  (umask 077 && "$root/eng/postgres.sh" start "$state/postgres" >"$state/connection.new") || fail "PostgreSQL did not start"
  mv "$state/connection.new" "$state/connection"
  port=$(sed 's/.*Port=\([0-9]*\).*/\1/' "$state/connection")
  is_taken "$port" || fail "the database of the last time, in $state/postgres, does not run any more. 'eng/cluster.sh down' removes it."
  echo "PostgreSQL: port $port"
}

# Another silo program need not know how to migrate.
migrate() {
  local program=$state/programs/migration
  [[ -d $program ]] || program=$state/programs/silo
  env "Cluster__Store=postgres:$(<"$state/connection")" dotnet "$(cat "$program/entry")" migrate || fail "migrating the database failed"
}

prepare() {
  echo "${CLUSTER_PORT:-7700}" >"$state/port"
  build silo "${SILO_PROJECT:-src/Silo}"
  build gateway src/Gateway
  rm -rf "$state/programs/migration"
  [[ -z ${SILO_PROJECT:-} ]] || build migration src/Silo
  start_postgres
  migrate
}

give_up() {
  local name
  trap - EXIT INT TERM
  ((${#started[@]} == 0)) || say "stopping what was started: ${started[*]}"
  for name in ${started[@]+"${started[@]}"}; do kill "$(pid_of "$name")" 2>/dev/null || true; done
  for name in ${started[@]+"${started[@]}"}; do stop_in_order "$name"; rm -f "$state/$name.pid"; done
  [[ ! -d $state/postgres ]] || say "the database stays for the next 'up'; 'down' removes it"
}

start_missing() {
  local kind=$1 count=$2 number names=()
  for ((number = 1; number <= count; number++)); do
    names+=("$kind-$number")
    pid_of "$kind-$number" >/dev/null || start "$kind-$number"
  done
  for ((number = 0; number < count; number++)); do wait_ready "${names[number]}"; done
}

up() {
  local name running=false silos=${SILOS:-2} gateways=${GATEWAYS:-2}
  [[ $silos =~ ^[1-9]$ && $gateways =~ ^[1-9]$ ]] || fail "SILOS and GATEWAYS are numbers from 1 to 9"
  for name in dotnet curl ps; do command -v "$name" >/dev/null || fail "'$name' is missing"; done
  mkdir -p "$state"
  chmod 711 "$state" # the user of the server has to get through
  for name in $(names); do ! pid_of "$name" >/dev/null || running=true; done
  trap 'give_up' EXIT
  trap 'exit 130' INT TERM
  if ! $running; then prepare; fi
  start_missing silo "$silos"
  start_missing gateway "$gateways"
  trap - EXIT INT TERM
  overview
}

overview() {
  local name pid health all=0
  [[ -n $(names) ]] || fail "nothing runs in $state. 'eng/cluster.sh up' starts what is missing."
  printf '%-11s %-8s %-24s %s\n' NAME PID URL HEALTH
  for name in $(names); do
    if pid=$(pid_of "$name"); then health=$(health_of "$name"); else pid=- health=dead; fi
    [[ $health == ready ]] || all=1
    printf '%-11s %-8s %-24s %s\n' "$name" "$pid" "$(url_of "$name")" "$health"
  done
  echo
  echo "Try:  curl -sN $(url_of gateway-1)/agents/assistant/runs -F message='Hello!' -F session_id=tour"
  echo "Logs: $state/NAME.log"
  return $all
}

down() {
  local name
  [[ -d $state ]] || { echo "There is no cluster in $state."; return; }
  [[ -f $state/port || -d $state/postgres ]] || fail "$state is not a directory of this script"
  # Gateways first: they would only report that silos are going.
  for name in $(names); do [[ $name == silo-* ]] || kill "$(pid_of "$name")" 2>/dev/null || true; done
  for name in $(names); do [[ $name == silo-* ]] || stop_in_order "$name"; done
  for name in $(names); do kill "$(pid_of "$name")" 2>/dev/null || true; done
  for name in $(names); do stop_in_order "$name"; done
  [[ ! -d $state/postgres ]] || "$root/eng/postgres.sh" stop "$state/postgres"
  rm -rf "$state"
  echo "Stopped, and removed $state."
}

named() {
  require_cluster
  [[ ${2:-} =~ ^[1-9]$ && -f $state/$1-$2.pid ]] || fail "there is no $1 '${2:-}'. There are: $(names | tr '\n' ' ')"
  echo "$1-$2"
}

crash() {
  local name=$1 pid
  pid=$(pid_of "$name") || fail "$name is dead already"
  kill -9 "$pid"
  wait_gone "$name" 10 || fail "$name (process $pid) cannot be ended"
  echo "Killed $name (process $pid). 'eng/cluster.sh restart-$(kind_of "$name") $(number_of "$name")' starts it again."
}

restart() {
  local name=$1
  stop_in_order "$name"
  start "$name"
  wait_ready "$name"
  echo "$name is ready (process $(pid_of "$name"))."
}

logs() {
  local name
  require_cluster
  if [[ -n ${1:-} ]]; then
    [[ -f $state/$1.log ]] || fail "there is no '$1'. There are: $(names | tr '\n' ' ')"
    cat "$state/$1.log"
    return
  fi
  for name in $(names); do
    echo "== $name"
    tail -n 20 "$state/$name.log"
  done
}

case ${1:-} in
  up | down) [[ $# == 1 ]] || usage; "$1" ;;
  status) [[ $# == 1 ]] || usage; require_cluster; overview ;;
  logs) [[ $# -le 2 ]] || usage; logs "${2:-}" ;;
  kill-silo | kill-gateway) name=$(named "${1#kill-}" "${2:-}") && crash "$name" ;;
  restart-silo | restart-gateway) name=$(named "${1#restart-}" "${2:-}") && restart "$name" ;;
  *) usage ;;
esac
