/** The file that a document has under an alias of its number. */
export function fileOf(fields: Record<string, unknown>, index: number) {
  return fields[`f${index}`] as { oid: string; mode: number } | undefined;
}

/** Variables of a document by letter and number. */
export function toVariables(letter: string, values: string[]) {
  return Object.fromEntries(
    values.map((value, index) => [`${letter}${index}`, value]),
  );
}
