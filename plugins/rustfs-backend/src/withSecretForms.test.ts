import {
  AccessView,
  SECRET_FORMS,
  SecretForm,
} from '@rustfs-portal/plugin-rustfs-common';
import { withSecretForms } from './withSecretForms';

describe('accesses with the forms of their Secrets', () => {
  const own: SecretForm = {
    id: 'of-the-company',
    title: 'Ours',
    description: 'What our services read.',
    entries: { key: '{accessKeyId}', secret: '{secretAccessKey}' },
  };
  const access = (form: string) => ({ consumer: { form } } as AccessView);

  it('bring a form that the platform team added, and none that every reader has', () => {
    expect(
      withSecretForms(
        [access('of-the-company'), access('aws'), access('gone')],
        [...SECRET_FORMS, own],
      ),
    ).toEqual([
      { ...access('of-the-company'), secretForm: own },
      access('aws'),
      access('gone'),
    ]);
  });
});
