import { withoutCredentials } from '../../kubernetes';
import { withoutSecrets } from '../withoutSecrets';

/**
 * What Argo CD says, for people: without layers of its own calls and its temporary files. A refused Job is quoted whole, with the
 * values of its environment, which nobody else is to read.
 */
export function cleanMessage(message: string): string {
  const words = message
    .replace(/^.*\bdesc = /s, '')
    .replace(/error when (patching|creating|replacing) "\/[^"]*": +/g, '')
    .replace(/<path to cached source>\//g, '')
    .replace(/(\bspec\.template: Invalid value):.*$/s, '$1')
    .replace(
      /\. Retrying (attempt #\d+ at [^.]*|operation\. Attempt #\d+)\.?$/s,
      '',
    )
    .trim();
  return withoutCredentials(withoutSecrets(words));
}
