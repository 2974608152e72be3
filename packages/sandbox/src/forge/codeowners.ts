import { ForgeStore } from './ForgeStore';
import { RepositoryRecord } from './model';

const PLACES = ['CODEOWNERS', 'docs/CODEOWNERS', '.gitea/CODEOWNERS'];

interface CodeOwnerRule {
  pattern: RegExp;
  negative: boolean;
  /** `user`, `organization/team` or an address. */
  owners: string[];
}

/**
 * Rules of a CODEOWNERS file as Gitea reads it: the pattern is a regular expression for the whole
 * path (not a glob), `!` in front means every other path. Lines that make no sense are left out.
 */
function parseCodeOwners(text: string): CodeOwnerRule[] {
  const rules: CodeOwnerRule[] = [];
  for (const line of text.split('\n')) {
    const [pattern, ...owners] = line
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .split(/\s+/);
    if (!pattern || owners.length === 0) continue;
    const negative = pattern.startsWith('!');
    try {
      rules.push({
        pattern: new RegExp(`^(?:${negative ? pattern.slice(1) : pattern})$`),
        negative,
        owners: owners.map(owner => owner.replace(/^@/, '')),
      });
    } catch {
      // Not a regular expression, for example a GitHub glob that begins with `*`.
    }
  }
  return rules;
}

/** Names of users and `organization/team` that own one of these paths. */
export function ownersOf(rules: CodeOwnerRule[], paths: string[]): string[] {
  return [
    ...new Set(
      rules
        .filter(rule =>
          paths.some(path => rule.pattern.test(path) !== rule.negative),
        )
        .flatMap(rule => rule.owners),
    ),
  ];
}

/** The rules of a repository: the first CODEOWNERS file that its default branch has. */
export async function readCodeOwners(
  store: ForgeStore,
  repository: RepositoryRecord,
): Promise<CodeOwnerRule[]> {
  const git = store.git(repository);
  const tip = await git.branch(repository.defaultBranch);
  if (!tip) return [];
  const entries = await git.entries(tip, PLACES);
  const place = PLACES.find(path => entries.get(path)?.type === 'blob');
  const entry = place && entries.get(place);
  return entry ? parseCodeOwners((await git.blob(entry.sha)).toString()) : [];
}
