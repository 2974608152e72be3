import { RE2JS } from 're2js';
import { isRecord } from './kustomize/RenderedObject';

/** The keys of what requests put into a file: an entry of a list, and its settings. */
const WRITTEN = ['spec', 'buckets', 'name', 'objectLock', 'resources'];

/**
 * Why a file that SOPS keeps must not be edited; undefined when it may. The MAC covers every value of every document,
 * encrypted or not, unless SOPS was told to leave plain values out of it; and what it encrypts cannot be written here.
 */
export function whySealed(documents: unknown[]): string | undefined {
  for (const document of documents) {
    const sops = isRecord(document) ? document.sops : undefined;
    if (!isRecord(sops)) {
      continue;
    }
    if (sops.mac_only_encrypted !== true) {
      return 'is kept by SOPS, whose MAC covers the whole file, so that nothing can be added without its key';
    }
    if (!staysPlain(sops)) {
      return 'is kept by SOPS, which encrypts what would be added';
    }
  }
  return undefined;
}

/** Whether SOPS leaves alone what is written; which keys it encrypts is told in one of four ways. */
function staysPlain(sops: Record<string, unknown>): boolean {
  const matches = (pattern: string) => {
    try {
      const expression = RE2JS.compile(pattern);
      return WRITTEN.map(key => expression.matcher(key).find());
    } catch {
      return undefined;
    }
  };
  const text = (key: string) => {
    const value = sops[key];
    return typeof value === 'string' && value ? value : undefined;
  };
  const encryptedRegex = text('encrypted_regex');
  if (encryptedRegex) {
    return matches(encryptedRegex)?.every(found => !found) ?? false;
  }
  const encryptedSuffix = text('encrypted_suffix');
  if (encryptedSuffix) {
    return WRITTEN.every(key => !key.endsWith(encryptedSuffix));
  }
  const unencryptedRegex = text('unencrypted_regex');
  const [isSpec, isList] =
    (unencryptedRegex && matches(unencryptedRegex)) || [];
  return Boolean(isSpec || isList);
}
