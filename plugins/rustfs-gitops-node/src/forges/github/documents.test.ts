import { GitHubContract } from '@rustfs-portal/sandbox/testUtils';
import {
  blobsDocument,
  BRANCH_DOCUMENT,
  filesDocument,
  MOVE_DOCUMENT,
  OPEN_DOCUMENT,
  pullDocument,
  tipDocument,
} from './documents';

describe('documents for GitHub', () => {
  const contract = new GitHubContract();

  it.each<[string, string]>([
    ['Tip of no file', tipDocument(0)],
    ['Tip of some', tipDocument(3)],
    ['Files', filesDocument(2)],
    ['Blobs', blobsDocument(50)],
    ['Branch', BRANCH_DOCUMENT],
    ['Move', MOVE_DOCUMENT],
    ['Open', OPEN_DOCUMENT],
    ['Pull', pullDocument({ checks: false, teams: true })],
    ['Pull with checks', pullDocument({ checks: true, teams: true })],
    ['Pull without teams', pullDocument({ checks: true, teams: false })],
  ])('are as its schema has them: %s', (_, document) => {
    expect(() => contract.checkDocument(document)).not.toThrow();
  });

  it('would be refused with a field that it does not have', () => {
    expect(() =>
      contract.checkDocument(BRANCH_DOCUMENT.replace('isEmpty', 'isNothing')),
    ).toThrow(/Cannot query field "isNothing" on type "Repository"/);
  });
});
