import {
  configApiRef,
  useApi,
  useBreadcrumbEntries,
} from '@backstage/frontend-plugin-api';
import { useEffect } from 'react';

/** Names the tab of the browser after the breadcrumbs, on pages that do not name it themselves. */
export function PageTitle() {
  const config = useApi(configApiRef);
  const { items } = useBreadcrumbEntries();
  const title = [
    ...items.map(({ label }) => label).reverse(),
    config.getOptionalString('app.title') ?? 'Developer portal',
  ].join(' | ');
  useEffect(() => {
    document.title = title;
  }, [title]);
  return null;
}
