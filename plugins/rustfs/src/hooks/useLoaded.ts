import { useCallback, useEffect, useRef, useState } from 'react';
import { isAbort, toError } from '../lib/errors';

/** Something that is loaded and may be loaded again. The last good value stays while it is, and when that fails. */
export interface Loaded<T> {
  value?: T;
  /** Why the last try failed; gone with the next good answer. */
  error?: Error;
  /** True until there is a first answer, good or bad. */
  isPending: boolean;
  /** True while any load is under way. */
  isLoading: boolean;
  reload: () => void;
}

interface LoadState<T> {
  key: string;
  value?: T;
  error?: Error;
}

/**
 * Loads on mount, when `key` changes and on `reload`. Answers of an earlier key or an earlier load are dropped.
 *
 * @param key - says what is loaded; `undefined` loads nothing
 */
export function useLoaded<T>(
  key: string | undefined,
  load: (signal: AbortSignal) => Promise<T>,
): Loaded<T> {
  const [state, setState] = useState<LoadState<T>>();
  const [isLoading, setIsLoading] = useState(false);
  const [turn, setTurn] = useState(0);
  const loadRef = useRef(load);
  loadRef.current = load;

  useEffect(() => {
    if (key === undefined) {
      return undefined;
    }
    const controller = new AbortController();
    const { signal } = controller;
    setIsLoading(true);
    loadRef.current(signal).then(
      value => {
        if (!signal.aborted) {
          setState({ key, value });
          setIsLoading(false);
        }
      },
      thrown => {
        const error = toError(thrown);
        if (!signal.aborted && !isAbort(error)) {
          setState(last => ({
            key,
            value: last?.key === key ? last.value : undefined,
            error,
          }));
          setIsLoading(false);
        }
      },
    );
    return () => controller.abort();
  }, [key, turn]);

  const reload = useCallback(() => setTurn(last => last + 1), []);
  const current = state?.key === key ? state : undefined;
  return {
    value: current?.value,
    error: current?.error,
    isPending: key !== undefined && !current,
    isLoading,
    reload,
  };
}
