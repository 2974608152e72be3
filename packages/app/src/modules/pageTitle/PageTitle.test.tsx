import { PageBlueprint } from '@backstage/frontend-plugin-api';
import { renderTestApp } from '@backstage/frontend-test-utils';
import { waitFor } from '@testing-library/react';
import { pageTitleModule } from '.';

it('names the tab of the browser after the page', async () => {
  renderTestApp({
    features: [pageTitleModule],
    extensions: [
      PageBlueprint.make({
        name: 'news',
        params: {
          path: '/news',
          title: 'News',
          loader: async () => <p>Nothing new</p>,
        },
      }),
    ],
    config: { app: { title: 'Acme developer portal' } },
    initialRouteEntries: ['/news'],
  });
  await waitFor(() =>
    expect(document.title).toBe('News | Acme developer portal'),
  );
});
