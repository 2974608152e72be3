import { Problem } from '@rustfs-portal/plugin-rustfs-common';
import { ForgeError } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { isRustfsError } from '@rustfs-portal/plugin-rustfs-client';

/**
 * A failure of something upstream as the person who waits sees it. Its code is that of the part that failed:
 * `forge-denied`, `tenant-unreachable`, `cluster-unreachable`.
 */
export function describeProblem(
  error: Error,
  fallback: { code: string; part: string },
): Problem {
  const { part } = fallback;
  const { message } = error;
  if (error instanceof ForgeError) {
    return { code: `forge-${error.reason}`, part, message };
  }
  if (isRustfsError(error)) {
    return { code: `tenant-${error.reason}`, part, message };
  }
  return { ...fallback, message };
}
