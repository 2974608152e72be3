/** Gitea writes times without fractions of a second. */
export function seconds(date: string): string {
  return new Date(date).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
