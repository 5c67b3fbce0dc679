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
for name in bareos-dir bareos-fd bareos-sd bconsole bcopy bextract bls bscan; do
  # A link that leads elsewhere belongs to somebody else.
  if [ "$(readlink "$bin/$name" 2>/dev/null)" = roost ]; then rm -f "$bin/$name"; fi
done
rm -f "$bin/roost" "$root/usr/local/share/roost/README.txt" "$root/usr/local/share/roost/uninstall.sh"
rmdir "$root/usr/local/share/roost" 2>/dev/null || true
[ -n "$root" ] || pkgutil --forget org.roost.roost >/dev/null 2>&1 || true
echo "Roost is removed. Its configuration stays in /usr/local/etc/roost."
