import { posix } from 'node:path';
import { RE2JS, RE2JSException } from 're2js';
import { parse } from 'yaml';
import { z } from 'zod';
import { folderOf } from '../../plan/paths';
import { RepositoryFile } from '../../types';
import { SecretRefusal } from '../SecretWriter';

/** The only name that sops reads; `.sops.yml` it ignores. */
export const CONFIG_FILE = '.sops.yaml';

/** What sops indents by when nothing is said. */
const DEFAULT_INDENT = 4;

/** Public keys of age: each text may hold several, separated by commas. */
const keyList = z
  .array(z.string())
  .nullish()
  .transform(texts =>
    (texts ?? [])
      .flatMap(text => text.split(','))
      .map(key => key.trim())
      .filter(Boolean),
  );

/** In a rule itself a text will do in place of the list. */
const keys = z.preprocess(
  value => (typeof value === 'string' ? [value] : value),
  keyList,
);

/** Key systems other than age, as a rule names them. Whatever stands there is a key that must be able to decrypt, too. */
const FOREIGN_KEYS = [
  'pgp',
  'kms',
  'gcp_kms',
  'hckms',
  'azure_keyvault',
  'azure_kv',
  'hc_vault_transit_uri',
  'hc_vault',
] as const;

const foreign = Object.fromEntries(
  FOREIGN_KEYS.map(name => [name, z.unknown().optional()]),
) as Record<(typeof FOREIGN_KEYS)[number], z.ZodOptional<z.ZodUnknown>>;

interface KeyGroup extends Record<string, unknown> {
  age: string[];
  merge?: KeyGroup[] | null;
}

const keyGroupSchema: z.ZodType<KeyGroup> = z.lazy(() =>
  z.strictObject({
    ...foreign,
    age: keyList,
    merge: z.array(keyGroupSchema).nullish(),
  }),
) as z.ZodType<KeyGroup>;

/** Which leaves a rule encrypts; at most one of them may be given. */
const SELECTORS = [
  'unencrypted_suffix',
  'encrypted_suffix',
  'unencrypted_regex',
  'encrypted_regex',
  'unencrypted_comment_regex',
  'encrypted_comment_regex',
] as const;

type Selector = (typeof SELECTORS)[number];

const selectors = Object.fromEntries(
  SELECTORS.map(name => [name, z.string().nullish()]),
) as Record<Selector, z.ZodOptional<z.ZodNullable<z.ZodString>>>;

// Strict: a key that is not known here may well be one more key system, and whoever holds it would be locked out.
const ruleSchema = z.strictObject({
  path_regex: z.string().nullish(),
  ...foreign,
  ...selectors,
  age: keys,
  key_groups: z.array(keyGroupSchema).nullish(),
  shamir_threshold: z.number().nullish(),
  mac_only_encrypted: z.boolean().nullish(),
  aws_profile: z.string().nullish(),
});

const configSchema = z.looseObject({
  // Each rule is read when its turn comes: one that does not matter may be as it likes.
  creation_rules: z.array(z.unknown()).nullish(),
  stores: z
    .looseObject({
      yaml: z.looseObject({ indent: z.number().nullish() }).nullish(),
    })
    .nullish(),
});

/** The rule of a `.sops.yaml` that applies to a path, as far as it can be served. */
export interface SopsRule {
  /** `rule 2 of clusters/atlas/.sops.yaml`. */
  title: string;
  /** Public keys of age, each once. */
  recipients: string[];
  /** What selects the encrypted leaves, as it is kept in the metadata of a file. */
  selector: { name: Selector; value: string };
  macOnlyEncrypted: boolean;
  indent: number;
}

/** The `.sops.yaml` files that sops would look for, for a file at a path: the nearest first. */
export function configPathsOf(path: string): string[] {
  const paths: string[] = [];
  let folder = folderOf(path);
  for (;;) {
    paths.push(posix.join(folder, CONFIG_FILE));
    if (!folder) {
      return paths;
    }
    folder = folderOf(folder);
  }
}

/** The rule for a path as sops finds it: of the nearest `.sops.yaml`, the first whose pattern fits. */
export function findRule(
  path: string,
  files: Record<string, RepositoryFile>,
): SopsRule | SecretRefusal {
  const file = configPathsOf(path).find(candidate => files[candidate]);
  if (!file) {
    return refuse(
      'no-rule',
      `No ${CONFIG_FILE} lies beside or above ${path}, so nothing says who may decrypt a secret there. Add one with a rule for this path: a path_regex, encrypted_regex: ^(data|stringData)$ and the public age key of the cluster`,
    );
  }
  const config = readConfig(files[file].content);
  if (!config) {
    return refuse(
      'rule-unusable',
      `${file} cannot be read as a configuration of SOPS; mend it, for example with sops --config ${file} --encrypt on any file`,
    );
  }
  const relative = posix.relative(folderOf(file) || '.', path);
  for (const [index, candidate] of (config.creation_rules ?? []).entries()) {
    const title = `rule ${index + 1} of ${file}`;
    const pattern = patternOf(candidate);
    const fits = pattern === undefined || matches(pattern, relative);
    if (fits === undefined) {
      return refuse(
        'rule-unusable',
        `The path_regex of ${title} is not a valid pattern, and sops stops at it: ${pattern}`,
      );
    }
    if (fits) {
      return readRule(candidate, {
        title,
        indent: config.stores?.yaml?.indent || DEFAULT_INDENT,
      });
    }
  }
  return refuse(
    'no-rule',
    `No rule of ${file} is for ${relative}: add one with a path_regex that fits, encrypted_regex: ^(data|stringData)$ and the public age key of the cluster`,
  );
}

/** Whether a rule encrypts a leaf, from the keys that lead to it. */
export function isSelected(
  { name, value }: SopsRule['selector'],
  path: string[],
): boolean {
  switch (name) {
    case 'unencrypted_suffix':
      return !path.some(key => key.endsWith(value));
    case 'encrypted_suffix':
      return path.some(key => key.endsWith(value));
    case 'unencrypted_regex':
      return !path.some(key => matches(value, key));
    case 'encrypted_regex':
      return path.some(key => matches(value, key));
    case 'unencrypted_comment_regex':
      return true;
    default:
      // The portal writes no comments, so none selects anything.
      return false;
  }
}

function readConfig(text: string) {
  try {
    return configSchema.safeParse(parse(text, { merge: true })).data;
  } catch {
    return undefined;
  }
}

function patternOf(rule: unknown): string | undefined {
  const { path_regex: pattern } = (rule ?? {}) as { path_regex?: unknown };
  return typeof pattern === 'string' && pattern ? pattern : undefined;
}

function readRule(
  candidate: unknown,
  { title, indent }: Pick<SopsRule, 'title' | 'indent'>,
): SopsRule | SecretRefusal {
  const { data: rule, error } = ruleSchema.safeParse(candidate);
  if (!rule) {
    const names = error.issues.flatMap(issue =>
      issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')],
    );
    return refuse(
      'rule-unusable',
      `The portal does not understand ${names.join(
        ', ',
      )} in ${title}; give the path a rule with age keys alone`,
    );
  }
  const groups = rule.key_groups?.length ? rule.key_groups : [rule];
  if (groups.length > 1) {
    return refuse(
      'rule-unusable',
      `${capital(title)} splits the key over ${
        groups.length
      } key groups, which the portal cannot write; give the path a rule with one group of age keys`,
    );
  }
  const members = flatten(groups[0] as KeyGroup);
  const others = FOREIGN_KEYS.filter(name =>
    members.some(member => isGiven(member[name])),
  );
  if (others.length) {
    return refuse(
      'rule-unusable',
      `${capital(title)} asks for ${others.join(
        ', ',
      )} too. The portal encrypts with age alone, and whoever has only the other key could not read the file; give the path a rule with age keys alone`,
    );
  }
  const recipients = [...new Set(members.flatMap(({ age }) => age))];
  if (!recipients.length) {
    return refuse(
      'rule-unusable',
      `${capital(title)} names no key; add the public age key of the cluster`,
    );
  }
  const given = SELECTORS.filter(name => rule[name]);
  if (given.length > 1) {
    return refuse(
      'rule-unusable',
      `${capital(title)} has ${given.join(
        ' and ',
      )}; sops takes one of them, for example encrypted_regex: ^(data|stringData)$`,
    );
  }
  const [name] = given;
  const selector = name
    ? { name, value: rule[name]! }
    : // What sops writes into the file when the rule says nothing.
      { name: 'unencrypted_suffix' as const, value: '_unencrypted' };
  if (name?.endsWith('_regex') && matches(selector.value, '') === undefined) {
    return refuse(
      'rule-unusable',
      `The ${name} of ${title} is not a valid pattern: ${selector.value}`,
    );
  }
  return {
    title,
    recipients,
    selector,
    macOnlyEncrypted: Boolean(rule.mac_only_encrypted),
    indent,
  };
}

function flatten(group: KeyGroup): KeyGroup[] {
  return [group, ...(group.merge ?? []).flatMap(flatten)];
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** Searches as Go does, whose dialect sops speaks; undefined when the pattern is not one. */
function matches(pattern: string, text: string): boolean | undefined {
  try {
    return RE2JS.compile(pattern).matcher(text).find();
  } catch (error) {
    if (error instanceof RE2JSException) {
      return undefined;
    }
    throw error;
  }
}

function refuse(code: SecretRefusal['code'], message: string): SecretRefusal {
  return { code, message };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
