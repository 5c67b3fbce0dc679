const slash = 0x2f;

/**
 * A name without its first `count` components after the leading slash, as StripPath wants it
 * (director-client.md 24.3): 2 makes `/c/f` of `/a/b/c/f`. A name with too few slashes stays whole.
 */
export function stripPath(path: Uint8Array, count: number): Uint8Array {
  if (count === 0) return path;
  let at = path[0] === slash ? 0 : -1;
  for (let left = count; left > 0; left--) {
    at = path.indexOf(slash, at + 1);
    if (at < 0) return path;
  }
  return path.subarray(at);
}
