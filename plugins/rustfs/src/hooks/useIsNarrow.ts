import { useSyncExternalStore } from 'react';

/** Also a wide window at 200 % is narrow, for the text in it is twice as large. */
const NARROW = '(max-width: 1023px)';

/** Whether there is only room for what matters most. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, isNarrow, () => false);
}

function isNarrow(): boolean {
  return window.matchMedia?.(NARROW).matches ?? false;
}

function subscribe(onChange: () => void): () => void {
  const query = window.matchMedia?.(NARROW);
  query?.addEventListener('change', onChange);
  return () => query?.removeEventListener('change', onChange);
}
