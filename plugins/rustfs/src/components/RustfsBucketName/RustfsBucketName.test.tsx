import { NameCheck } from '@rustfs-portal/plugin-rustfs-common';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { rustfsApiRef } from '../../api';
import { FormHarness } from '../../__testUtils__/FormHarness';
import { someOptions } from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { RustfsBucketName } from './RustfsBucketName';
import { validateBucketName } from './validateBucketName';

const FORM = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
};

const TAKEN: NameCheck = {
  ok: false,
  issues: [
    {
      code: 'exists',
      message: 'atlas/storage/apps has a bucket checkout-invoices already.',
    },
  ],
  suggestion: 'checkout-invoices-2',
  problems: [],
};

async function renderName(
  checkBucketName: (query: { bucket: string }) => Promise<NameCheck>,
  onForm = jest.fn(),
) {
  const api = rustfsApiMock({
    checkBucketName,
    getRequestOptions: async () => someOptions(),
  });
  const { container } = await renderInPortal(
    <FormHarness
      field={RustfsBucketName}
      name="bucket"
      initial={FORM}
      onForm={onForm}
    />,
    { api },
  );
  return {
    api,
    container,
    onForm,
    field: await screen.findByRole('textbox', { name: /Bucket name/ }),
  };
}

describe('RustfsBucketName', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('says how names are here, and that a name is free', async () => {
    // On a busy machine there are pauses between letters, which are none of the person who types.
    jest.useFakeTimers();
    const user = userEvent.setup({ advanceTimers: jest.advanceTimersByTime });
    const { api, field, container } = await renderName(async () => ({
      ok: true,
      issues: [],
      problems: [],
    }));
    expect(
      await screen.findByText(
        'Names here begin with checkout-, for example checkout-invoices.',
      ),
    ).toBeInTheDocument();

    await user.type(field, 'checkout-new');
    expect(
      await screen.findByText('checkout-new is free.'),
    ).toBeInTheDocument();
    // Asked when typing pauses, not with every letter.
    expect(api.checkBucketName).toHaveBeenCalledTimes(1);
    expect(api.checkBucketName).toHaveBeenCalledWith(
      { ...FORM, bucket: 'checkout-new' },
      expect.anything(),
    );
    jest.useRealTimers();
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('says what is wrong while typing and offers a name that would pass', async () => {
    const user = userEvent.setup();
    const { field, onForm } = await renderName(async ({ bucket }) =>
      bucket === 'checkout-invoices'
        ? TAKEN
        : { ok: true, issues: [], problems: [] },
    );
    await user.type(field, 'checkout-invoices');
    expect(
      await screen.findByText(/has a bucket checkout-invoices already/),
    ).toBeInTheDocument();
    expect(field).toBeInvalid();

    await user.click(
      screen.getByRole('button', { name: 'Use checkout-invoices-2' }),
    );
    expect(
      await screen.findByText('checkout-invoices-2 is free.'),
    ).toBeInTheDocument();
    expect(onForm).toHaveBeenLastCalledWith({
      ...FORM,
      bucket: 'checkout-invoices-2',
    });
  });

  it('tells broken rules at once, without asking', async () => {
    const user = userEvent.setup();
    const { api, field } = await renderName(async () => TAKEN);
    await user.type(field, 'Invoices');
    expect(
      await screen.findByText(/Use lower-case letters, digits/),
    ).toBeInTheDocument();
    expect(api.checkBucketName).not.toHaveBeenCalled();
  });

  it('says an outage in words of its own', async () => {
    const user = userEvent.setup();
    const { field } = await renderName(() =>
      Promise.reject(new TypeError('Failed to fetch')),
    );
    await user.type(field, 'checkout-new');
    expect(
      await screen.findByText(/could not be checked: .*backend did not answer/),
    ).toBeInTheDocument();
    expect(screen.queryByText(/Failed to fetch/)).not.toBeInTheDocument();
  });

  it('leaves it to the form to say that a name is missing, which the browser would not', async () => {
    const { field } = await renderName(async () => TAKEN);
    expect(field).toHaveAttribute('aria-required', 'true');
    expect(field).not.toHaveAttribute('required');
  });

  it('does not call a name free that could not be checked', async () => {
    const user = userEvent.setup();
    const { field } = await renderName(async () => ({
      ok: true,
      issues: [],
      problems: [
        {
          code: 'tenant-unreachable',
          part: 'atlas/storage/apps',
          message: 'Existing buckets could not be read.',
        },
      ],
    }));
    await user.type(field, 'checkout-new');
    expect(
      await screen.findByText('Existing buckets could not be read.'),
    ).toBeInTheDocument();
    expect(screen.queryByText(/is free/)).not.toBeInTheDocument();
  });
});

describe('validateBucketName', () => {
  it('asks for a name where there is none', async () => {
    expect(await validate('', async () => TAKEN)).toEqual([
      'Give the bucket a name, for example checkout-invoices.',
    ]);
  });

  async function validate(
    bucket: string,
    checkBucketName: () => Promise<NameCheck>,
  ) {
    const api = rustfsApiMock({ checkBucketName });
    const addError = jest.fn();
    await validateBucketName(
      bucket,
      { addError } as unknown as Parameters<typeof validateBucketName>[1],
      {
        apiHolder: {
          get: (ref: { id: string }) =>
            ref.id === rustfsApiRef.id ? api : undefined,
        } as Parameters<typeof validateBucketName>[2]['apiHolder'],
        formData: FORM,
        schema: {},
      },
    );
    return addError.mock.calls.flat();
  }

  it('stops the form at a name that is taken', async () => {
    expect(await validate('checkout-invoices', async () => TAKEN)).toEqual([
      'atlas/storage/apps has a bucket checkout-invoices already.',
    ]);
  });

  it('stops the form at broken rules', async () => {
    expect(await validate('UP', async () => TAKEN)).toHaveLength(2);
  });

  it('lets a good name pass, and one that cannot be checked now', async () => {
    expect(
      await validate('checkout-new', async () => ({
        ok: true,
        issues: [],
        problems: [],
      })),
    ).toEqual([]);
    expect(
      await validate('checkout-new', () => Promise.reject(new Error('down'))),
    ).toEqual([]);
  });
});
