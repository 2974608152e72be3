/** On everything that the portal declares. */
export const PORTAL_LABELS = {
  'app.kubernetes.io/managed-by': 'rustfs-portal',
};
