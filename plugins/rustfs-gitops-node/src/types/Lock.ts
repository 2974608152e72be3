/**
 * Lets one caller at a time through, per key. With several replicas it must be shared between them, for example in the
 * database: two parallel calls for one branch can open two pull requests.
 *
 * @public
 */
export interface Lock {
  withLock<T>(key: string, fn: () => Promise<T>): Promise<T>;
}
