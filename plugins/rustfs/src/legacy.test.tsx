import { EntityProvider } from '@backstage/plugin-catalog-react';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import {
  mockApis,
  renderInTestApp,
  TestApiProvider,
} from '@backstage/test-utils';
import { screen } from '@testing-library/react';
import { Route, Routes } from 'react-router-dom';
import { aRequest, aStorage, aTenant } from './__testUtils__/fixtures';
import { INVOICES, rustfsApiMock } from './__testUtils__/renderInPortal';
import {
  EntityRustfsCard,
  EntityRustfsContent,
  isRustfsAvailable,
  rustfsApiRef,
  RustfsPage,
} from './legacy';

const LIVE = { asOf: '2026-03-02T12:04:00.000Z', freshness: 'live' } as const;

function renderLegacy(path: string) {
  const api = rustfsApiMock({
    getEntityStorage: async () => aStorage(),
    listRequests: async () => ({ items: [aRequest('proposed')], total: 1 }),
    getRequest: async () => aRequest('proposed'),
    listTenants: async () => ({ ...LIVE, items: [aTenant()], problems: [] }),
  });
  return renderInTestApp(
    <TestApiProvider
      apis={[
        [rustfsApiRef, api],
        // Every app has one.
        [permissionApiRef, mockApis.permission()],
      ]}
    >
      <EntityProvider entity={INVOICES}>
        <Routes>
          <Route path="/rustfs/*" element={<RustfsPage />} />
          <Route path="/card" element={<EntityRustfsCard />} />
          <Route path="/storage" element={<EntityRustfsContent />} />
        </Routes>
      </EntityProvider>
    </TestApiProvider>,
    { routeEntries: [path] },
  );
}

describe('in an app of the legacy frontend system', () => {
  it('there is a page with tabs', async () => {
    await renderLegacy('/rustfs/tenants');
    expect(
      await screen.findByRole('row', { name: /apps/ }),
    ).toBeInTheDocument();
    expect(screen.getByRole('tab', { name: 'Requests' })).toBeInTheDocument();
  });

  it('there is a page for a request', async () => {
    await renderLegacy('/rustfs/requests/r-7k2m9');
    expect(
      await screen.findByRole('heading', { name: 'checkout-receipts' }),
    ).toBeInTheDocument();
  });

  it('there are a card and a tab', async () => {
    const { unmount } = await renderLegacy('/card');
    expect(
      await screen.findByRole('meter', { name: /checkout-invoices/ }),
    ).toBeInTheDocument();
    unmount();

    await renderLegacy('/storage');
    expect(
      await screen.findByRole('row', { name: /checkout-invoices/ }),
    ).toBeInTheDocument();
    // No template is bound here.
    expect(
      screen.getAllByText(/The request form is not installed/),
    ).toHaveLength(2);
  });

  it('an entity has storage where one of the annotations says so', () => {
    const annotated = (annotations?: Record<string, string>) =>
      isRustfsAvailable({
        ...INVOICES,
        metadata: { name: 'invoices', annotations },
      });
    expect(annotated({ 'rustfs.com/tenant': 'atlas/storage/apps' })).toBe(true);
    expect(
      annotated({ 'rustfs.com/buckets': 'atlas/storage/apps:media' }),
    ).toBe(true);
    expect(annotated({ 'rustfs.com/other': 'x' })).toBe(false);
    expect(annotated(undefined)).toBe(false);
  });
});
