import { ForgeError } from '../../types';

/**
 * One segment of an address, with what would end it escaped.
 *
 * @throws ForgeError `unsupported` for one that would lead elsewhere, which no escape prevents
 */
export function encodeSegment(segment: string): string {
  if (segment === '.' || segment === '..') {
    throw new ForgeError(
      'unsupported',
      `"${segment}" cannot be in the name of a branch or a repository; correct the GitOps source`,
    );
  }
  return encodeURIComponent(segment);
}
