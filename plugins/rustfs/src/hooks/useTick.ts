import { useReducer } from 'react';
import { usePolling } from './usePolling';

/** Renders again at an interval while the page can be seen, for what goes on by itself, such as time. */
export function useTick(intervalMs: number): void {
  const [, tick] = useReducer((count: number) => count + 1, 0);
  usePolling(tick, { isActive: true, intervalMs });
}
