export * from './insertIntoList';
export * from './parseYaml';
export * from './scalars';
export * from './YamlProblem';
