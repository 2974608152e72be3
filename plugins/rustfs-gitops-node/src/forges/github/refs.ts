/** Whether a ref is all digits of a commit. */
export function isCommit(ref: string): boolean {
  return /^[0-9a-f]{40}$/.test(ref);
}

/** The full name of a branch. */
export function toRef(branch: string): string {
  return `refs/heads/${branch}`;
}
