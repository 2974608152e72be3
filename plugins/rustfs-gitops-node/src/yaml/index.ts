export * from './YamlProblem';
export * from './insertIntoList';
export * from './parseYaml';
export * from './removeFromList';
export * from './scalars';
export * from './setText';
