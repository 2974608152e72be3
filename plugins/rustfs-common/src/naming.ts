/**
 * Why a bucket name cannot be used.
 *
 * @public
 */
export interface NameIssue {
  /** Stable, for code. */
  code:
    | 'length'
    | 'characters'
    | 'address'
    | 'dots'
    | 'reserved'
    | 'pattern'
    | 'exists'
    | 'requested';
  /** For people: what is wrong and what would be right. */
  message: string;
}

/** `rustfs` is refused by the Tenant schema; a bucket `health` hides behind the server's health document. */
const RESERVED = new Set(['rustfs', 'health']);

/**
 * Checks a bucket name against the rules of S3 and of the RustFS Tenant schema.
 *
 * @returns every rule that is broken; empty when the name can be used
 * @public
 */
export function checkBucketName(name: string): NameIssue[] {
  const issues: NameIssue[] = [];
  if (name.length < 3 || name.length > 63) {
    issues.push({
      code: 'length',
      message: `A bucket name has 3 to 63 characters; this one has ${name.length}.`,
    });
  }
  if (name && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name)) {
    issues.push({
      code: 'characters',
      message:
        'Use lower-case letters, digits, dots and hyphens, and begin and end with a letter or a digit, for example checkout-invoices.',
    });
  }
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(name)) {
    issues.push({
      code: 'address',
      message: 'A bucket name must not look like an IP address.',
    });
  }
  if (/\.\.|\.-|-\./.test(name)) {
    issues.push({
      code: 'dots',
      message:
        'A dot must stand between letters or digits, not beside another dot or a hyphen.',
    });
  }
  if (RESERVED.has(name)) {
    issues.push({
      code: 'reserved',
      message: `The name ${name} is reserved by the server.`,
    });
  }
  return issues;
}

/**
 * Turns free text into a bucket name that keeps the rules, or into empty text when nothing usable is left.
 *
 * @public
 */
export function suggestBucketName(text: string): string {
  const name = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/g, '');
  return checkBucketName(name).length ? '' : name;
}
