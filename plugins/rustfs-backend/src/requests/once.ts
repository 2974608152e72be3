/** Reads something once, however many ask for it; `known` holds what was read or is being read. */
export function once<T>(
  known: Map<string, Promise<T>>,
  key: string,
  read: () => Promise<T>,
): Promise<T> {
  let reading = known.get(key);
  if (!reading) {
    reading = read();
    known.set(key, reading);
  }
  return reading;
}
