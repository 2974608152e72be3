/** Messages of parts end with or without a full stop; more follows. */
export function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
