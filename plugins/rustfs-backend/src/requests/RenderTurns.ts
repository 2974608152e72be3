/** Of each repository in one round, as no more can be merged before the others are in conflict again. */
const PER_ROUND = 1;

/**
 * Whose branch is rendered again in a round. A merge can put many others in conflict, of which one can be merged next: to
 * render all of them each time would cost as many calls as there are requests, squared, and approvals that nobody uses.
 */
export class RenderTurns {
  readonly #taken = new Map<string, number>();

  /**
   * @param options - `isApproved`: somebody is about to merge it; `isDeadEnd`: it could not be brought up to date the last
   * time, so that it takes no turn of those that can
   * @returns false when it has to wait for another round
   */
  take(
    repository: string,
    options: { isApproved: boolean; isDeadEnd: boolean },
  ): boolean {
    const { isApproved, isDeadEnd } = options;
    const key = `${isDeadEnd} ${repository}`;
    const taken = this.#taken.get(key) ?? 0;
    if (taken >= PER_ROUND && !(isApproved && !isDeadEnd)) {
      return false;
    }
    this.#taken.set(key, taken + 1);
    return true;
  }
}
