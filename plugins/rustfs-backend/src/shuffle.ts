/** The same items in another order every time, so that those for which there is no time left are others each time. */
export function shuffle<T>(items: T[]): T[] {
  return items
    .map(item => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
