import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FormHarness } from '../../__testUtils__/FormHarness';
import { aPreview, someOptions } from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  refusal,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { RustfsRequestPreview } from './RustfsRequestPreview';
import { validatePreview } from './validatePreview';

const FORM = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
  bucket: 'checkout-receipts',
  quota: '10Gi',
  versioning: true,
  purpose: 'Receipts as PDF',
  dataClass: 'internal',
};

async function renderPreview(
  previewRequest: () => Promise<ReturnType<typeof aPreview>>,
  initial: Record<string, unknown> = FORM,
) {
  const onForm = jest.fn();
  const api = rustfsApiMock({
    previewRequest,
    getRequestOptions: async () => someOptions(),
  });
  const { container } = await renderInPortal(
    <FormHarness
      field={RustfsRequestPreview}
      name="preview"
      initial={initial}
      onForm={onForm}
    />,
    { api },
  );
  return { api, container, onForm };
}

describe('RustfsRequestPreview', () => {
  it('shows the pull request: where, who reviews, which guardrails, every changed line', async () => {
    const { api, container, onForm } = await renderPreview(async () =>
      aPreview({
        guardrails: [...aPreview().guardrails, 'Reviewed by carla'],
      }),
    );
    expect(
      await screen.findByRole('heading', { name: /Add bucket/ }),
    ).toBeInTheDocument();
    expect(screen.getByText('Reviewed by carla')).toBeInTheDocument();
    expect(
      screen.getByText('The quota of 10 GiB is not more than 100 GiB.'),
    ).toBeInTheDocument();
    const diff = screen.getByRole('region', {
      name: 'Changes of clusters/atlas/storage/kustomization.yaml',
    });
    expect(diff).toHaveTextContent(
      'added+ - buckets/apps/checkout-receipts.yaml',
    );
    expect(within(diff).queryByText('removed')).not.toBeInTheDocument();
    expect(api.previewRequest).toHaveBeenCalledWith(
      { kind: 'bucket-create', ...FORM, objectLock: false },
      expect.anything(),
    );
    // What the review step shows is what the pull request has.
    await waitFor(() =>
      expect(onForm.mock.lastCall?.[0].preview).toEqual({
        service: 'invoices',
        tenant: 'Applications (atlas/storage/apps)',
        bucket: 'checkout-receipts',
        quota: '10 GiB',
        versioning: 'on',
        objectLock: 'off',
        pullRequest: 'A pull request in acme/atlas to the branch main',
        reviewers: 'carla',
      }),
    );
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('shows what has to be done beside the pull request, with what to copy', async () => {
    const { container } = await renderPreview(async () =>
      aPreview({
        findings: [
          {
            code: 'server-key-needed',
            message: 'The server needs a user with this policy',
            copy: { title: 'Policy rustfs-setup', text: '{"Version": "x"}' },
          },
          { code: 'no-decryption', message: 'Accesses cannot be asked for' },
        ],
      }),
    );
    const findings = await screen.findByRole('region', {
      name: 'To know, and to do beside the pull request',
    });
    expect(findings).toHaveTextContent('Accesses cannot be asked for.');
    expect(
      within(findings).getByRole('region', { name: 'Policy rustfs-setup' }),
    ).toHaveTextContent('{"Version": "x"}');
    expect(
      within(findings).getByRole('button', {
        name: 'Copy: Policy rustfs-setup',
      }),
    ).toBeInTheDocument();
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('shows the pull request that follows in another repository', async () => {
    const { container } = await renderPreview(async () =>
      aPreview({
        later: [
          {
            repository: 'https://forge.example/acme/borealis.git',
            branch: 'rustfs/r-7k2m9-2',
            baseBranch: 'main',
            title: 'Give invoices access: Secret of the workload',
            files: [
              {
                path: 'consumers/checkout/invoices-s3.sops.yaml',
                operation: 'create',
                diff: '@@ -0,0 +1 @@\n+  key: <redacted>',
              },
            ],
          },
        ],
      }),
    );
    const later = await screen.findByRole('region', {
      name: 'Give invoices access: Secret of the workload',
    });
    expect(later).toHaveTextContent(
      'A pull request in acme/borealis to the branch main',
    );
    expect(
      screen.getByText(/A second pull request follows in acme\/borealis/),
    ).toBeInTheDocument();
    expect(later).toHaveTextContent('1 file changes');
    expect(later).toHaveTextContent('consumers/checkout/invoices-s3.sops.yaml');
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('says that object lock brings versioning with it', async () => {
    const { onForm } = await renderPreview(async () => aPreview(), {
      ...FORM,
      quota: '',
      versioning: false,
      objectLock: true,
    });
    await waitFor(() =>
      expect(onForm.mock.lastCall?.[0].preview).toMatchObject({
        quota: 'no quota',
        versioning: 'on, because object lock needs it',
        objectLock: 'on',
      }),
    );
  });

  it('takes back what it said when the pull request cannot be made, which holds the form back', async () => {
    const { onForm } = await renderPreview(
      () => Promise.reject(new TypeError('Failed to fetch')),
      { ...FORM, preview: { bucket: 'checkout-receipts' } },
    );
    await waitFor(() => expect(onForm.mock.lastCall?.[0].preview).toEqual({}));
    const addError = jest.fn();
    const validate = (summary: Record<string, string>) =>
      validatePreview(
        summary,
        { addError } as unknown as Parameters<typeof validatePreview>[1],
        {} as Parameters<typeof validatePreview>[2],
      );
    await validate({ bucket: 'checkout-receipts' });
    expect(addError).not.toHaveBeenCalled();
    await validate({});
    expect(addError).toHaveBeenCalledWith(
      expect.stringContaining('There is no pull request to look at yet'),
    );
  });

  it('waits for the steps before it', async () => {
    const { api } = await renderPreview(async () => aPreview(), {
      ...FORM,
      bucket: undefined,
    });
    expect(
      screen.getByText(/Fill in the steps before this one/),
    ).toBeInTheDocument();
    expect(api.previewRequest).not.toHaveBeenCalled();
  });

  it('says why a request is refused and what to do, and tries again', async () => {
    const user = userEvent.setup();
    const previewRequest = jest
      .fn()
      .mockRejectedValueOnce(
        refusal({
          name: 'InputError',
          statusCode: 400,
          message: 'bucket: atlas/storage/apps has it already.',
        }),
      )
      .mockResolvedValue(aPreview());
    await renderPreview(previewRequest);
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /cannot be asked for as it is.*has it already\. Go back and change it/,
    );
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('heading', { name: /Add bucket/ }),
    ).toBeInTheDocument();
  });

  it.each([
    ['InputError', 400],
    ['ConflictError', 409],
  ])(
    'says under the title of each field what is wrong: %s',
    async (name, statusCode) => {
      await renderPreview(() =>
        Promise.reject(
          refusal({
            name,
            statusCode,
            message:
              'consumer.secret: it is there; newBuckets.0.quota: too much',
            issues: [
              { field: 'consumer.secret', message: 'It is there already' },
              { field: 'newBuckets.0.quota', message: 'At most 100 GiB' },
            ],
          }),
        ),
      );
      const alert = await screen.findByRole('alert');
      expect(
        within(alert)
          .getAllByRole('listitem')
          .map(({ textContent }) => textContent),
      ).toEqual([
        'Name of the Secret: It is there already.',
        'Quota: At most 100 GiB.',
      ]);
      expect(alert).toHaveTextContent(/Go back and change it/);
      expect(alert).not.toHaveTextContent(/consumer\.|newBuckets/);
    },
  );

  it('says when somebody who asked too often may ask again', async () => {
    const message =
      'You have asked for a preview 60 times in 1 minute, and nobody may more often: try again in 24 seconds';
    await renderPreview(() =>
      Promise.reject(
        refusal({ name: 'TooManyRequestsError', statusCode: 429, message }),
      ),
    );
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(/could not be made/);
    expect(alert).toHaveTextContent(message);
    expect(alert).not.toHaveTextContent(/Go back/);
    expect(
      screen.getByRole('button', { name: 'Try again' }),
    ).toBeInTheDocument();
  });

  it('blames an outage on nobody who fills in the form', async () => {
    await renderPreview(() => Promise.reject(new TypeError('Failed to fetch')));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(/could not be made.*did not answer/);
    expect(alert).not.toHaveTextContent(/Go back/);
  });
});
