/** A list by one of its fields; the last one wins. */
export function byKey<T, K extends keyof T>(list: T[] | undefined, key: K) {
  return new Map((list ?? []).map(item => [item[key], item]));
}
