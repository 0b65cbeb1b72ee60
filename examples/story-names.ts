// Checks that a story names only people, workspaces and links that it has.
import type { Step, Story } from './story.js';

const onlyForPeople: ReadonlySet<string> = new Set<Step['do']>([
  'open',
  'create',
  'accept',
  'decline',
  'leave',
  'switch',
  'verify',
  'where',
  'workspaces',
]);
const onlyForOperators: ReadonlySet<string> = new Set<Step['do']>(['setQuota']);

/** Describes the first unknown name with its path; `null` if there is none. */
export function nameProblem({ people, steps }: Story): string | null {
  const workspaces = new Set<string>();
  const links = new Set<string>();
  for (const [index, step] of steps.entries()) {
    const place = (field: string): string => `steps[${index}].${field}`;
    const named = step.do === 'race' ? step.people : [];
    const persons = [
      ...('by' in step ? ([['by', step.by]] as const) : []),
      ...('person' in step && step.person !== undefined ? ([['person', step.person]] as const) : []),
      ...named.map((name, at) => [`people[${at}]`, name] as const),
    ];
    for (const [field, name] of persons) {
      const person = Object.hasOwn(people, name) ? people[name] : undefined;
      if (person === undefined) return `${place(field)} is '${name}', who is not among the people`;
      const acts = field !== 'by' || onlyForPeople.has(step.do);
      if (acts && person.operator === true)
        return `${place(field)} is '${name}', an operator, but this step is for people`;
      if (!acts && onlyForOperators.has(step.do) && person.operator !== true)
        return `${place(field)} is '${name}', but this step is for operators`;
    }
    const made = step.do === 'create' ? step.workspace : step.do === 'open' ? step.by : undefined;
    if (made === undefined && 'workspace' in step && !workspaces.has(step.workspace)) {
      return `${place('workspace')} is '${step.workspace}', which no earlier step has created`;
    }
    if (step.do !== 'invite' && 'link' in step && !links.has(step.link)) {
      return `${place('link')} is '${step.link}', which no earlier step has created`;
    }
    if (step.expect !== undefined) continue;
    if (step.do === 'create' && (workspaces.has(step.workspace) || Object.hasOwn(people, step.workspace))) {
      return `${place('workspace')} is '${step.workspace}', a label that is in use: choose another, and set 'name'`;
    }
    if (made !== undefined) workspaces.add(made);
    const link = step.do === 'invite' ? step.link : 'newLink' in step ? step.newLink : undefined;
    if (link !== undefined) links.add(link);
  }
  return null;
}
