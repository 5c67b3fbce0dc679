#!/bin/sh
# Removes Roost: services, links, executable. Configuration, catalog and volumes stay.
#
#     sudo /usr/local/share/roost/uninstall.sh
set -eu
root=${ROOST_UNINSTALL_ROOT:-}
if [ -z "$root" ] && [ "$(id -u)" != 0 ]; then
  echo "Only root can remove Roost: sudo $0" >&2
  exit 1
fi
for plist in "$root"/Library/LaunchDaemons/org.roost.*.plist; do
  [ -e "$plist" ] || continue
  [ -n "$root" ] || launchctl bootout system "$plist" 2>/dev/null || true
  rm -f "$plist"
done
bin=$root/usr/local/bin
man=$root/usr/local/share/man/man1
for name in bareos-dbcheck bareos-dir bareos-fd bareos-sd bconsole bcopy bextract bls bregex bscan \
  bsmtp btape bwild; do
  # A link that leads elsewhere, or a page about something else, belongs to somebody else.
  if [ "$(readlink "$bin/$name" 2>/dev/null)" = roost ]; then rm -f "$bin/$name"; fi
  if grep -q '^\.TH "ROOST' "$man/$name.1" 2>/dev/null; then rm -f "$man/$name.1"; fi
done
rm -f "$man/roost.1" "$man"/roost-*.1
rm -f "$bin/roost" "$root/usr/local/share/roost/README.txt" "$root/usr/local/share/roost/uninstall.sh"
rmdir "$root/usr/local/share/roost" 2>/dev/null || true
# What the executable has unpacked, and nothing else that may lie there.
for runtime in "$root"/var/cache/roost/*/runtime; do
  if [ -e "${runtime%/*}/roost.js" ]; then rm -rf -- "${runtime%/*}"; fi
done
rmdir "$root/var/cache/roost" 2>/dev/null || true
[ -n "$root" ] || pkgutil --forget org.roost.roost >/dev/null 2>&1 || true
echo "Roost is removed. Its configuration stays in /usr/local/etc/roost."
