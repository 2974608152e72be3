import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { useEffect, useRef, useState } from 'react';

/** The request that has moved last since the page was opened, for saying it aloud. */
export function useRequestNews(
  requests: StorageRequest[] | undefined,
): StorageRequest | undefined {
  const known = useRef<Map<string, string>>();
  const [news, setNews] = useState<StorageRequest>();
  useEffect(() => {
    if (!requests) {
      return;
    }
    const moved = requests.find(({ id, state }) => {
      const last = known.current?.get(id);
      return last !== undefined && last !== state;
    });
    known.current = new Map(requests.map(r => [r.id, r.state]));
    if (moved) {
      setNews(moved);
    }
  }, [requests]);
  return news;
}
