import { Header, Page, TabbedLayout } from '@backstage/core-components';
import { AccessPage } from '../AccessPage';
import { BucketsPage } from '../BucketsPage';
import { RequestAnyButton } from '../RequestButton';
import { RequestsPage } from '../RequestsPage';
import { TenantsPage } from '../TenantsPage';

/** The frame that the new frontend system draws by itself. */
export function LegacyPage() {
  return (
    <Page themeId="tool">
      <Header title="Object storage">
        <RequestAnyButton />
      </Header>
      <TabbedLayout>
        <TabbedLayout.Route path="/buckets" title="Buckets">
          <BucketsPage />
        </TabbedLayout.Route>
        <TabbedLayout.Route path="/access" title="Access">
          <AccessPage />
        </TabbedLayout.Route>
        <TabbedLayout.Route path="/requests" title="Requests">
          <RequestsPage />
        </TabbedLayout.Route>
        <TabbedLayout.Route path="/tenants" title="Tenants">
          <TenantsPage />
        </TabbedLayout.Route>
      </TabbedLayout>
    </Page>
  );
}
