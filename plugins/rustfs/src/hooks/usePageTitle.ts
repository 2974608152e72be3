import {
  configApiRef,
  useApi,
  useBreadcrumbEntries,
} from '@backstage/frontend-plugin-api';
import { useEffect } from 'react';

/** Names the browser's tab after the page, as the breadcrumbs do; the framework leaves it as the last page had it. */
export function usePageTitle(): void {
  const appTitle =
    useApi(configApiRef).getOptionalString('app.title') ?? 'Backstage';
  const { items } = useBreadcrumbEntries();
  const pages = items.map(({ label }) => label).reverse();
  const title = [...pages, appTitle].join(' | ');
  const hasPages = pages.length > 0;
  useEffect(() => {
    // Without breadcrumbs, as in the legacy frontend system, the header of the page does it.
    if (!hasPages) {
      return undefined;
    }
    document.title = title;
    return () => {
      document.title = appTitle;
    };
  }, [title, hasPages, appTitle]);
}
