/** Of a key that the portal makes and seals, whoever makes its user. */
export const KEY_NOTE =
  'The key was made by the portal, encrypted at once for the keys that `.sops.yaml` names, and kept nowhere in clear. Nobody has seen it, and the portal cannot read it back.';
