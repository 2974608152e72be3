import { useEffect } from 'react';

/**
 * Fills a field of a form in by itself. Of two changes that fields make at once the form keeps one, so it is looked after
 * every render whether the value is there.
 *
 * @param wanted - undefined: the field is left as it is
 */
export function useFillIn<T>(
  wanted: T | undefined,
  current: T | undefined,
  onChange: (value: T) => void,
): void {
  const isThere =
    wanted === undefined || JSON.stringify(wanted) === JSON.stringify(current);
  useEffect(() => {
    if (!isThere) {
      onChange(wanted);
    }
  });
}
