import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  PortalLinks,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { RequestNotifier } from './RequestNotifier';

const request = {
  id: 'r-1',
  entityRef: 'component:default/invoices',
  requestedBy: 'user:default/ada',
  pullRequest: { url: 'https://git.acme.org/acme/atlas/pulls/7' },
} as StorageRequest;

function setup(send: jest.Mock) {
  return new RequestNotifier({
    auth: mockServices.auth(),
    catalog: catalogServiceMock({ entities: [] }),
    events: mockServices.events.mock(),
    links: PortalLinks.fromConfig({
      getOptional: () => undefined,
      getOptionalString: () => undefined,
    }),
    logger: mockServices.logger.mock(),
    notifications: { send },
    signals: { publish: async () => {} },
  });
}

describe('RequestNotifier', () => {
  it('tells owners of a bucket who asks for it, with the way to their answer, and not the one who asked', async () => {
    const send = jest.fn(async () => {});
    await setup(send).approvalNeeded(request, {
      owner: 'group:default/media',
      buckets: ['media-raw'],
    });
    expect(send).toHaveBeenCalledWith({
      recipients: {
        type: 'entity',
        entityRef: 'group:default/media',
        excludeEntityRef: 'user:default/ada',
      },
      payload: expect.objectContaining({
        title:
          'component:default/invoices asks for access to your bucket media-raw',
        link: 'https://git.acme.org/acme/atlas/pulls/7',
      }),
    });
  });

  it('holds nothing up in a portal without notifications', async () => {
    const send = jest.fn(async () => {
      throw new Error('No such plugin');
    });
    await expect(
      setup(send).approvalNeeded(request, {
        owner: 'group:default/media',
        buckets: ['media-raw', 'media-cuts'],
      }),
    ).resolves.toBeUndefined();
    expect(send).toHaveBeenCalledTimes(1);
  });
});
