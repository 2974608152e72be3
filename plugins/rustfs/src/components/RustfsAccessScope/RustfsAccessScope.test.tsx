import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FormHarness } from '../../__testUtils__/FormHarness';
import {
  AS_OF,
  aBucket,
  aStorage,
  someOptions,
} from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  refusal,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { RustfsAccessScope } from './RustfsAccessScope';
import { validateAccessScope } from './validateAccessScope';

const FORM = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
};

const OWN = aBucket();
const FOREIGN = aBucket({
  name: 'media-originals',
  owner: 'group:default/media',
  entity: 'component:default/media',
});
const NOBODYS = aBucket({ name: 'stray', owner: undefined });

async function renderScope(
  options: {
    buckets?: ReturnType<typeof aBucket>[];
    isListRefused?: boolean;
    initial?: Record<string, unknown>;
  } = {},
) {
  const {
    buckets = [OWN, FOREIGN, NOBODYS],
    isListRefused,
    initial = FORM,
  } = options;
  const onForm = jest.fn();
  const refused = () =>
    Promise.reject(
      refusal({ name: 'NotAllowedError', statusCode: 403, message: '' }),
    );
  const { container } = await renderInPortal(
    <FormHarness
      field={RustfsAccessScope}
      name="scope"
      initial={initial}
      onForm={onForm}
    />,
    {
      api: rustfsApiMock({
        getRequestOptions: async () => someOptions(),
        getEntityStorage: async () => aStorage({ buckets: [OWN] }),
        listBuckets: isListRefused
          ? refused
          : async () => ({
              asOf: AS_OF,
              freshness: 'live',
              items: buckets,
              problems: [],
            }),
        listAccesses: refused,
      }),
    },
  );
  return { container, scope: () => onForm.mock.lastCall?.[0].scope };
}

function issuesOf(scope: unknown): string[] {
  const addError = jest.fn();
  validateAccessScope(
    scope as Parameters<typeof validateAccessScope>[0],
    { addError } as unknown as Parameters<typeof validateAccessScope>[1],
    {} as Parameters<typeof validateAccessScope>[2],
  );
  return addError.mock.calls.map(([message]) => message);
}

describe('RustfsAccessScope', () => {
  it('begins with the only bucket that the owner has, also where lists of all are refused', async () => {
    const { container, scope } = await renderScope({ isListRefused: true });
    await waitFor(() =>
      expect(scope()).toEqual({
        type: 'buckets',
        buckets: ['checkout-invoices'],
      }),
    );
    expect(screen.queryByText(/has to approve/)).not.toBeInTheDocument();
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('says whose approval a bucket of others needs, and that one of nobody cannot be had', async () => {
    const user = userEvent.setup();
    const { scope } = await renderScope();
    await user.click(await screen.findByRole('button', { name: /Buckets/ }));
    expect(
      screen.getByText('Of others: they have to approve'),
    ).toBeInTheDocument();
    await user.click(screen.getByRole('option', { name: 'media-originals' }));
    await user.click(screen.getByRole('option', { name: 'stray' }));
    expect(scope().buckets).toEqual([
      'checkout-invoices',
      'media-originals',
      'stray',
    ]);
    expect(
      screen.getByText(/has to approve: media-originals\./),
    ).toHaveTextContent('media has to approve');
    expect(
      screen.getByText(/Nobody is recorded as the owner of stray/),
    ).toBeInTheDocument();
  });

  it('takes a bucket that the person may not see, by its name', async () => {
    const user = userEvent.setup();
    const { scope } = await renderScope({ isListRefused: true });
    await user.type(
      await screen.findByRole('textbox', { name: /of another team/ }),
      'insights-raw',
    );
    await user.click(screen.getByRole('button', { name: 'Add' }));
    expect(scope().buckets).toEqual(['checkout-invoices', 'insights-raw']);
    expect(
      screen.getByText(
        /You may not see insights-raw\. The owner has to approve/,
      ),
    ).toBeInTheDocument();
  });

  it('asks for nothing that was chosen for another type', async () => {
    const user = userEvent.setup();
    const { scope } = await renderScope();
    await user.click(
      await screen.findByRole('button', { name: /What it reaches/ }),
    );
    await user.click(
      screen.getByRole('option', { name: 'A folder in one bucket' }),
    );
    expect(scope()).toEqual({ type: 'prefix' });
    await user.type(screen.getByRole('textbox', { name: /Folder/ }), 'a/');
    expect(scope()).toEqual({ type: 'prefix', prefix: 'a/' });
  });

  it('holds the form back until something that can be is chosen', () => {
    expect(issuesOf(undefined)).toEqual(['Choose at least one bucket.']);
    expect(issuesOf({ type: 'buckets', buckets: [] })).toEqual([
      'Choose at least one bucket',
    ]);
    expect(issuesOf({ type: 'pattern', pattern: 'l' })).toEqual([
      expect.stringContaining('for example loki-*'),
    ]);
    expect(
      issuesOf({ type: 'prefix', bucket: 'media', prefix: 'a' }),
    ).toHaveLength(1);
    expect(issuesOf({ type: 'prefix', bucket: 'media', prefix: 'a/' })).toEqual(
      [],
    );
  });
});
