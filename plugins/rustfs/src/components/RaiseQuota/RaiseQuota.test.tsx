import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { BucketView } from '@rustfs-portal/plugin-rustfs-common';
import {
  aBucket,
  aPreview,
  aRequest,
  someOptions,
} from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  refusal,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { RaiseQuotaButton } from './RaiseQuotaButton';
import { RaiseQuotaDialog } from './RaiseQuotaDialog';

const GIB = 2 ** 30;
const FULL = aBucket({
  live: { ...aBucket().live!, sizeBytes: 48 * GIB },
});

function Page(props: { bucket: BucketView }) {
  const [raised, setRaised] = useState<BucketView>();
  return (
    <>
      <RaiseQuotaButton bucket={props.bucket} onPress={setRaised} />
      <RaiseQuotaDialog bucket={raised} onClose={() => setRaised(undefined)} />
    </>
  );
}

async function open(overrides: Parameters<typeof rustfsApiMock>[0] = {}) {
  const user = userEvent.setup();
  const api = rustfsApiMock({
    getRequestOptions: async () => someOptions(),
    previewRequest: jest.fn(async () => aPreview()),
    createRequest: jest.fn(async () => aRequest('proposed')),
    ...overrides,
  });
  await renderInPortal(<Page bucket={FULL} />, { api });
  await user.click(
    await screen.findByRole('button', {
      name: 'Raise the quota of checkout-invoices',
    }),
  );
  const dialog = within(await screen.findByRole('dialog'));
  const send = dialog.getByRole('button', { name: 'Open pull request' });
  return { api, dialog, send, user };
}

describe('RaiseQuota', () => {
  it('asks for twice as much and why, shows the very change, and sends it once', async () => {
    const { api, dialog, send, user } = await open();
    expect(
      dialog.getByText('Now 50 GiB, of which 48 GiB are used.'),
    ).toBeInTheDocument();
    expect(dialog.getByRole('textbox', { name: 'New quota' })).toHaveValue(
      '100',
    );
    expect(
      await dialog.findByRole('heading', { name: /Add bucket/ }),
    ).toBeInTheDocument();
    await waitFor(() => expect(send).toBeEnabled());
    expect(await accessibilityIssues(document.body)).toEqual([]);

    await user.click(send);
    const request = {
      kind: 'bucket-change',
      entityRef: 'component:default/invoices',
      tenant: 'atlas/storage/apps',
      bucket: 'checkout-invoices',
      quota: '100Gi',
      purpose: 'Nearly full: 48 GiB of 50 GiB',
    };
    expect(api.previewRequest).toHaveBeenLastCalledWith(
      request,
      expect.anything(),
    );
    await waitFor(() =>
      expect(api.createRequest).toHaveBeenCalledWith(request, {
        key: expect.stringMatching(/^[0-9a-f]{32}$/),
      }),
    );
  });

  it('sends nothing without a reason, or of which no pull request can be made', async () => {
    const { dialog, send, user } = await open({
      previewRequest: () =>
        Promise.reject(
          refusal({
            name: 'InputError',
            statusCode: 400,
            message: 'quota: At most 100Gi can be asked for',
          }),
        ),
    });
    expect(
      await dialog.findByText(/At most 100Gi can be asked for/),
    ).toBeInTheDocument();
    expect(send).toBeDisabled();
    await user.clear(dialog.getByRole('textbox', { name: 'Reason' }));
    expect(
      dialog.getByText(/Fill in the quota and the reason/),
    ).toBeInTheDocument();
    expect(send).toBeDisabled();
  });

  it('says what went wrong, and sends the same under the same key', async () => {
    const createRequest = jest
      .fn()
      .mockRejectedValueOnce(new TypeError('Failed to fetch'))
      .mockResolvedValue(aRequest('proposed'));
    const { dialog, send, user } = await open({ createRequest });
    await waitFor(() => expect(send).toBeEnabled());
    await user.click(send);
    expect(await dialog.findByRole('alert')).toHaveTextContent(
      /backend did not answer/,
    );
    await user.click(send);
    await waitFor(() => expect(createRequest).toHaveBeenCalledTimes(2));
    const [[, first], [, second]] = createRequest.mock.calls;
    expect(second.key).toBe(first.key);
  });

  it('is for buckets that somebody asked a quota for', async () => {
    await renderInPortal(
      <Page bucket={aBucket({ declared: { objectLock: false } })} />,
      { api: rustfsApiMock({}) },
    );
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });
});
