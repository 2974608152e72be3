export {
  ProblemList,
  ProblemNotes,
  ProblemWords,
  splitProblems,
} from './ProblemList';
