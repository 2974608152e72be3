/** Of a Secret that cannot be applied, the words of the API server may hold the content: they quote what they refuse. */
export function withoutSecrets(message: string): string {
  return message.replace(
    /(\bSecret\/[^:]*failed[^:]*|\bKind=Secret\b[^:]*):.*$/s,
    '$1 (what the API server says is left out, as it may quote the Secret)',
  );
}
