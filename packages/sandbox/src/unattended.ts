/**
 * Does work that nobody waits for. What fails, on a full disk for example, is told and does not end the sandbox: the next
 * turn tries again.
 */
export function unattended(
  what: string,
  work: () => void,
  warn?: (message: string) => void,
): void {
  try {
    work();
  } catch (error) {
    warn?.(`${what} failed: ${error}`);
  }
}
