import type { XmlElement } from '../http/xml';

/** Every bucket and object is said to belong to this one account. */
export const OWNER: XmlElement = {
  DisplayName: 'rustfs',
  ID: 'c19050dbcee97fda828689dda99097a6321af2248fa760517237346e5d9c8a66',
};

export const REGION = 'us-east-1';
