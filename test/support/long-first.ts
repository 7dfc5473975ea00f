/**
 * The order of test files on a machine that has not run them yet: vitest would take large files first, but those that build for
 * minutes are among the smallest, and one of them at the end leaves all cores but one without work.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders of files that build engines or libraries of many operators, the longest first. */
const long: readonly RegExp[] = [
  /\/fuzz\/programs/,
  /codegen\/(operators|fusion|variants)\//,
  /\/e2e\//,
  /\/(sharding|render|build)\//,
];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = long.findIndex((folder) => folder.test(moduleId));
      return found < 0 ? long.length : found;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
