import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FormHarness } from '../../__testUtils__/FormHarness';
import { AS_OF, anAccess, aStorage } from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { suggestAccessName, suggestSecretName } from '../../lib/accessNames';
import { RustfsAccessName } from './RustfsAccessName';

const FORM = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
};

describe('RustfsAccessName', () => {
  it('begins with a free name, and says when one is taken or cannot be', async () => {
    const user = userEvent.setup();
    const onForm = jest.fn();
    const list = { asOf: AS_OF, freshness: 'live' as const, problems: [] };
    const { container } = await renderInPortal(
      <FormHarness
        field={RustfsAccessName}
        name="access"
        initial={FORM}
        onForm={onForm}
      />,
      {
        api: rustfsApiMock({
          getEntityStorage: async () => aStorage(),
          listBuckets: async () => ({ ...list, items: [] }),
          listAccesses: async () => ({
            ...list,
            items: [anAccess({ name: 'invoices-2' })],
          }),
        }),
      },
    );
    await waitFor(() =>
      expect(onForm.mock.lastCall?.[0].access).toBe('invoices-3'),
    );
    const field = screen.getByRole('textbox', { name: /Name of the access/ });
    await user.clear(field);
    expect(field).toHaveValue('');
    await user.type(field, 'invoices');
    expect(
      screen.getByText('There is an access invoices on this tenant already.'),
    ).toBeInTheDocument();
    await user.type(field, 'X');
    expect(
      screen.getByText(/Use 3 to 40 lower-case letters/),
    ).toBeInTheDocument();
    expect(await accessibilityIssues(container)).toEqual([]);
  });
});

describe('suggestAccessName', () => {
  it.each([
    ['component:default/Invoices_API', [], 'invoices-api'],
    ['component:default/3d-render', [], 'd-render'],
    ['component:default/invoices', ['invoices', 'invoices-2'], 'invoices-3'],
    [`component:default/${'a'.repeat(60)}`, [], 'a'.repeat(40)],
    [
      `component:default/${'a'.repeat(60)}`,
      ['a'.repeat(40)],
      `${'a'.repeat(38)}-2`,
    ],
    ['component:default/x', [], undefined],
  ])('makes of %s', (entityRef, taken, expected) => {
    expect(suggestAccessName(entityRef, taken)).toBe(expected);
  });

  it('names a Secret after the access, within what Kubernetes takes', () => {
    expect(suggestSecretName('a'.repeat(40)).length).toBeLessThanOrEqual(63);
  });
});
