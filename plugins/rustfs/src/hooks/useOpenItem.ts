import { useCallback } from 'react';
import { useSearchParams } from 'react-router-dom';

/** Keeps what is opened in the address, so that it can be linked to and Back closes it. */
export function useOpenItem(
  parameter: string,
): [id: string | undefined, setId: (id: string | undefined) => void] {
  const [params, setParams] = useSearchParams();
  const setId = useCallback(
    (id: string | undefined) =>
      setParams(last => {
        const next = new URLSearchParams(last);
        if (id === undefined) {
          next.delete(parameter);
        } else {
          next.set(parameter, id);
        }
        return next;
      }),
    [parameter, setParams],
  );
  return [params.get(parameter) ?? undefined, setId];
}
