import { useEffect, useRef } from 'react';

/** Calls back at an interval while it is active and the page can be seen, and at once when the page is seen again. */
export function usePolling(
  callback: () => void,
  options: { isActive: boolean; intervalMs: number },
): void {
  const { isActive, intervalMs } = options;
  const callbackRef = useRef(callback);
  callbackRef.current = callback;

  useEffect(() => {
    if (!isActive) {
      return undefined;
    }
    const isVisible = () => document.visibilityState === 'visible';
    const timer = setInterval(() => {
      if (isVisible()) {
        callbackRef.current();
      }
    }, intervalMs);
    const onVisibilityChange = () => {
      if (isVisible()) {
        callbackRef.current();
      }
    };
    document.addEventListener('visibilitychange', onVisibilityChange);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onVisibilityChange);
    };
  }, [isActive, intervalMs]);
}
