#!/usr/bin/env bash
# A PostgreSQL server for one test run, on a free loopback port.
#   eng/postgres.sh start DIR   creates and starts a server in DIR and prints its connection string
#   eng/postgres.sh stop DIR    stops it and removes DIR
set -euo pipefail

say() { echo "postgres.sh: $*" >&2; }
fail() { say "$*"; exit 1; }

find_binaries() {
  local directory
  for directory in $(command -v initdb >/dev/null && dirname "$(readlink -f "$(command -v initdb)")") \
    $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null | sort -rV); do
    if [[ -x $directory/initdb && -x $directory/pg_ctl && -x $directory/postgres ]]; then
      echo "$directory"
      return
    fi
  done
  return 1
}

install_binaries() {
  [[ $(id -u) == 0 && -f /etc/debian_version ]] ||
    fail "no PostgreSQL server found (initdb, pg_ctl). Install one (Debian: apt-get install postgresql), or set TEST_POSTGRES to the connection string of a server."
  say "no PostgreSQL server found: installing Debian's"
  # Debian starts a cluster of its own on installation unless it is told not to.
  mkdir -p /etc/postgresql-common
  [[ -f /etc/postgresql-common/createcluster.conf ]] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
  (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql) >&2 </dev/null ||
    fail "installing PostgreSQL failed. Install it by hand, or set TEST_POSTGRES to the connection string of a server."
}

# PostgreSQL refuses to run as root.
unprivileged_user() { id -un postgres 2>/dev/null || id -un nobody; }

as_server() {
  if [[ $(id -u) != 0 ]]; then
    "$@"
  elif command -v setpriv >/dev/null; then
    (cd / && setpriv --reuid="$(unprivileged_user)" --regid="$(id -g "$(unprivileged_user)")" --clear-groups "$@")
  elif command -v runuser >/dev/null; then
    (cd / && runuser -u "$(unprivileged_user)" -- "$@")
  else
    (cd / && su -s /bin/sh "$(unprivileged_user)" -c "$(printf '%q ' "$@")")
  fi
}

is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A language's collation shows which comparisons forgot to be ordinal. Servers before 15 and builds without ICU have to do with C.
create_cluster() {
  local options=(-D "$directory/data" --username=test --pwfile="$directory/password" --auth=scram-sha-256 --encoding=UTF8)
  as_server "$binaries/initdb" "${options[@]}" --locale=C --locale-provider=icu --icu-locale=en-US >"$directory/initdb.log" 2>&1 && return
  rm -rf "$directory/data"
  as_server "$binaries/initdb" "${options[@]}" --locale=C >>"$directory/initdb.log" 2>&1 ||
    { cat "$directory/initdb.log" >&2; fail "initdb failed in '$directory'. As root it runs under '$(unprivileged_user)', who must be able to reach that."; }
}

start_server() {
  local attempt port
  for attempt in {1..10}; do
    port=$((20000 + RANDOM % 12000))
    is_taken "$port" && continue
    if as_server "$binaries/pg_ctl" start -w -t 60 -D "$directory/data" -l "$directory/data/server.log" \
      -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300 -c fsync=on -c synchronous_commit=on" \
      >/dev/null 2>&1 </dev/null; then
      echo "Host=127.0.0.1;Port=$port;Username=test;Password=$(<"$directory/password");Database=postgres" >"$directory/connection"
      return
    fi
    say "starting on port $port failed (attempt $attempt)"
  done
  cat "$directory/data/server.log" >&2
  fail "the server did not start"
}

start() {
  if [[ -f $directory/connection ]]; then
    cat "$directory/connection"
    return
  fi
  [[ -z $(ls -A "$directory" 2>/dev/null) ]] || fail "'$directory' is not empty and holds no server of this script"
  binaries=$(find_binaries) || { install_binaries; binaries=$(find_binaries) || fail "PostgreSQL was installed but initdb cannot be found"; }
  mkdir -p "$directory"
  directory=$(cd "$directory" && pwd)
  head -c 18 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$directory/password"
  [[ $(id -u) != 0 ]] || chown -R "$(unprivileged_user)" "$directory"
  chmod 700 "$directory"
  create_cluster
  start_server
  cat "$directory/connection"
}

stop() {
  [[ -d $directory ]] || return 0
  [[ -f $directory/password ]] || fail "'$directory' holds no server of this script"
  directory=$(cd "$directory" && pwd)
  binaries=$(find_binaries) || fail "pg_ctl cannot be found"
  if [[ -f $directory/data/postmaster.pid ]]; then
    as_server "$binaries/pg_ctl" stop -w -m immediate -D "$directory/data" >/dev/null 2>&1 </dev/null || say "the server in '$directory' had stopped already"
  fi
  rm -rf "$directory"
}

[[ $# == 2 && ($1 == start || $1 == stop) ]] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
directory=$2
"$1"
