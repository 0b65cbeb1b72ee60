// Shows the current state after a story was played: a story of steps that only read.
import type { Names } from './progress.js';
import type { Step, Story } from './story.js';

export function surveyOf(story: Story, { workspaces, links }: Names): Story {
  const people = Object.keys(story.people).filter((name) => workspaces.has(name));
  const teams = [...workspaces.keys()].filter((name) => !people.includes(name));
  const host = Object.keys(story.people).find((name) => story.people[name]?.operator) ?? 'the host';
  const [first, ...rest]: Step[] = [
    ...people.map((by): Step => ({ do: 'workspaces', by })),
    ...teams.flatMap((workspace): Step[] => [
      { do: 'members', by: host, workspace },
      { do: 'quota', by: host, workspace },
      { do: 'audit', by: host, workspace },
    ]),
    ...[...links.keys()].map((link): Step => ({ do: 'preview', by: host, link })),
  ];
  const note = 'All steps were played before. The current state:';
  return {
    ...story,
    people: { ...story.people, [host]: { operator: true } },
    steps: first === undefined ? [] : [{ ...first, note }, ...rest],
  };
}
