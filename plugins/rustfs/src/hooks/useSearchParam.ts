import { useCallback } from 'react';
import { useSearchParams } from 'react-router-dom';

/**
 * A setting of a list that is kept in the address: it survives a reload and can be shared. Changing it is no step that
 * Back would take back.
 */
export function useSearchParam(
  name: string,
): [value: string | undefined, setValue: (value: string | undefined) => void] {
  const [params, setParams] = useSearchParams();
  const setValue = useCallback(
    (value: string | undefined) =>
      setParams(
        last => {
          const next = new URLSearchParams(last);
          if (value) {
            next.set(name, value);
          } else {
            next.delete(name);
          }
          return next;
        },
        { replace: true },
      ),
    [name, setParams],
  );
  return [params.get(name) ?? undefined, setValue];
}
