import {
  PolicyDocument,
  PROVISIONER_POLICY,
} from '@rustfs-portal/plugin-rustfs-common';
import { provisionerPolicy, readerPolicy } from '@rustfs-portal/sandbox';
import { READER_POLICY } from './policies';

/** The order of actions says nothing. */
function sorted({ Statement, ...document }: PolicyDocument) {
  return {
    ...document,
    Statement: Statement.map(({ Action, ...statement }) => ({
      ...statement,
      Action: [...Action].sort(),
    })),
  };
}

describe('the world to try it on', () => {
  it.each([
    ['the portal, where a setup program runs', readerPolicy, READER_POLICY],
    ['the setup program', provisionerPolicy, PROVISIONER_POLICY],
  ])('gives to %s what is asked for, and no more', (_, given, asked) => {
    expect(sorted(given)).toEqual(sorted(asked));
  });
});
