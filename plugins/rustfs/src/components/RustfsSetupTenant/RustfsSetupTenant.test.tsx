import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FormHarness } from '../../__testUtils__/FormHarness';
import { aTenant, AS_OF } from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { RustfsSetupTenant } from './RustfsSetupTenant';

describe('RustfsSetupTenant', () => {
  async function renderPicker(tenants: Array<[ref: string, may: boolean]>) {
    const onForm = jest.fn();
    const api = rustfsApiMock({
      listTenants: async () => ({
        items: tenants.map(([ref, mayEnable]) => aTenant({ ref, mayEnable })),
        problems: [],
        asOf: AS_OF,
        freshness: 'live' as const,
      }),
    });
    const { container } = await renderInPortal(
      <FormHarness
        field={RustfsSetupTenant}
        name="tenant"
        initial={{}}
        onForm={onForm}
      />,
      { api },
    );
    return { onForm, container };
  }

  it('offers the tenants for which it may be enabled, and no others', async () => {
    const { onForm, container } = await renderPicker([
      ['atlas/storage/apps', false],
      ['borealis/storage/archive', true],
      ['borealis/storage/media', true],
    ]);
    await userEvent.click(
      await screen.findByRole('button', { name: /Tenant/ }),
    );
    expect(
      (await screen.findAllByRole('option')).map(
        ({ textContent }) => textContent,
      ),
    ).toEqual(['borealis/storage/archive', 'borealis/storage/media']);
    await userEvent.click(
      screen.getByRole('option', { name: 'borealis/storage/media' }),
    );
    await waitFor(() =>
      expect(onForm).toHaveBeenLastCalledWith({
        tenant: 'borealis/storage/media',
      }),
    );
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('takes the only one, and says why there is none', async () => {
    const { onForm } = await renderPicker([['borealis/storage/archive', true]]);
    await waitFor(() =>
      expect(onForm).toHaveBeenLastCalledWith({
        tenant: 'borealis/storage/archive',
      }),
    );
    await renderPicker([['atlas/storage/apps', false]]);
    expect(
      await screen.findByText(/There is no tenant without operator/),
    ).toBeInTheDocument();
  });
});
