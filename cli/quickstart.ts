/** @module */
export function main(): Promise<number> {
  return Promise.resolve(0);
}
