#!/bin/sh
# Roost @VERSION@ for @TARGET@: one file that holds the program and the runtime it runs on.
# At its first start it unpacks both into a cache folder named after their content, which only
# its owner can write to, and from then on only executes them. The archive follows the last line of this script.
set -eu

offset=@OFFSET@
content=@CONTENT@

fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 1
}

case $0 in
  */*) self=$0 ;;
  *) self=$(command -v -- "$0") || fail "cannot find myself on the PATH" ;;
esac
name=${0##*/}

user=$(id -u)

# The folder must be ours and closed to writers: what lies in it is executed.
private() (
  set -- $(ls -ldn -- "$1")
  [ "$3" = "$user" ] || return 1
  case $1 in ?????w* | ????????w*) return 1 ;; esac
)

# The program is no secret. A daemon that root starts and that then runs as another user (-u) reads it
# again for each of its threads: so where root unpacks it, everybody can.
umask=077
[ "$user" != 0 ] || umask=022
if [ -n "${ROOST_CACHE_DIR:-}" ]; then
  cache=$ROOST_CACHE_DIR
elif [ -n "${XDG_CACHE_HOME:-}" ]; then
  cache=$XDG_CACHE_HOME/roost
elif [ "$user" = 0 ] && (umask 022 && mkdir -p /var/cache/roost) 2>/dev/null &&
  [ -w /var/cache/roost ] && private /var/cache/roost; then
  cache=/var/cache/roost
elif [ -n "${HOME:-}" ] && [ -w "$HOME" ]; then
  cache=$HOME/.cache/roost
else
  cache=${TMPDIR:-/tmp}/roost-$user
fi
home=$cache/$content

if [ ! -x "$home/runtime" ]; then
  (umask "$umask" && mkdir -p -- "$cache") ||
    fail "cannot create $cache: set ROOST_CACHE_DIR to a folder that can be written"
  private "$cache" || fail "$cache belongs to another user or can be written by others: not used"
  fresh=$cache/.unpack-$content-$$
  (umask "$umask" && mkdir -- "$fresh" "$fresh/names" "$fresh/cache") || fail "cannot create $fresh"
  trap 'rm -rf -- "$fresh"' EXIT
  trap 'exit 1' HUP INT TERM
  tail -c +"$offset" -- "$self" | tar -xzf - -C "$fresh" ||
    fail "cannot unpack into $fresh: the disk is full or this file is damaged"
  # Another start may have been faster; then its folder stays and ours goes.
  if [ ! -x "$home/runtime" ]; then mv -- "$fresh" "$home" 2>/dev/null || true; fi
  rm -rf -- "$home/${fresh##*/}"
  [ -x "$home/runtime" ] || fail "cannot unpack into $home"
  rm -rf -- "$fresh"
  trap - EXIT HUP INT TERM
fi
private "$cache" && private "$home" && private "$home/names" && private "$home/cache" ||
  fail "$home belongs to another user or can be written by others: not used"

# Executed through a link of the called name, so that ps and pidof show that name.
[ -L "$home/names/$name" ] || ln -s ../runtime "$home/names/$name" 2>/dev/null ||
  [ -L "$home/names/$name" ] || fail "cannot create the link $home/names/$name"

ROOST_CALLED_AS=$name
ROOST_EXECUTABLE=$self
DENO_DIR=$home/cache
DENO_NO_UPDATE_CHECK=1
export ROOST_CALLED_AS ROOST_EXECUTABLE DENO_DIR DENO_NO_UPDATE_CHECK
# A small young generation: a daemon's garbage is short-lived, and it takes a third less memory so.
exec "$home/names/$name" run --quiet --no-config --no-lock --no-prompt --no-remote --no-npm \
  --v8-flags=--max-semi-space-size=2 --allow-all "$home/roost.js" "$@"
