export * from './CatalogPeople';
export * from './People';
export * from './describePolicy';
export * from './judgeApprovals';
