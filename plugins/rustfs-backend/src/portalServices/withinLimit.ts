/**
 * Waits for work that takes no signal: what is given up runs on, and nobody looks at its end.
 *
 * @throws DOMException `TimeoutError` when the work takes longer, and what the work throws
 */
export async function withinLimit<T>(
  work: Promise<T>,
  timeoutMs: number,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DOMException('no answer in time', 'TimeoutError'));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
