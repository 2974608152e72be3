/** Of each repository in one round. */
const PER_ROUND = 2;

/**
 * Whose branch is rendered again in a round. A merge can put many others in conflict, of which one can be merged next: to
 * render all of them each time would cost as many calls as there are requests, squared, and approvals that nobody uses.
 */
export class RenderTurns {
  readonly #taken = new Map<string, number>();

  /**
   * @param isApproved - somebody is about to merge it
   * @returns false when it has to wait for the next round
   */
  take(repository: string, { isApproved }: { isApproved: boolean }): boolean {
    const taken = this.#taken.get(repository) ?? 0;
    if (taken >= PER_ROUND && !isApproved) {
      return false;
    }
    this.#taken.set(repository, taken + 1);
    return true;
  }
}
