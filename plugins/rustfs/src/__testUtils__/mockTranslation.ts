import { Translate } from '../kinds';

/** Says keys instead of words, for code that takes a translation. */
export const mockTranslation = ((key: string) => key) as unknown as Translate;
