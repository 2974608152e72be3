export { ProblemList, ProblemWords } from './ProblemList';
