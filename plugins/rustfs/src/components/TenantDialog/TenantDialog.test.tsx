import { screen } from '@testing-library/react';
import { aTenant } from '../../__testUtils__/fixtures';
import {
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { TenantDialog } from './TenantDialog';

describe('TenantDialog', () => {
  it('says what runs a tenant, what installed that, and where each reader reaches it', async () => {
    await renderInPortal(
      <TenantDialog
        onClose={() => {}}
        tenant={aTenant({
          endpoint: 'https://s3.acme.org',
          endpoints: {
            inCluster: 'http://rustfs-svc.objects.svc:9000',
            external: 'https://s3.acme.org',
          },
          workload: {
            kind: 'Deployment',
            namespace: 'objects',
            name: 'rustfs',
          },
          installedBy: {
            kind: 'HelmRelease',
            namespace: 'objects',
            name: 'rustfs',
            chart: 'rustfs',
            version: '1.0.1',
            state: 'rolled-back',
            words: 'timeout waiting for: [Deployment/objects/rustfs]',
          },
        })}
      />,
      { api: rustfsApiMock() },
    );
    expect(
      await screen.findByText('Deployment objects/rustfs'),
    ).toBeInTheDocument();
    expect(
      screen.getByText(
        'HelmRelease objects/rustfs, chart rustfs 1.0.1: failed and rolled back',
      ),
    ).toBeInTheDocument();
    expect(screen.getByText(/timeout waiting for/)).toBeInTheDocument();
    expect(screen.getByText('https://s3.acme.org')).toBeInTheDocument();
    expect(
      screen.getByText('http://rustfs-svc.objects.svc:9000'),
    ).toBeInTheDocument();
  });
});
