// Sentences for the errors and events of a newer library, which the desk does not know yet.
import type { ErrorDetails, WorkspaceErrorCode, WorkspaceEvent } from 'tenantry';
import { describe, expect, test } from 'vitest';
import { eventSentence, peopleIn } from '../src/event-sentences.js';
import { dataText } from '../src/plain-words.js';
import { sentenceOf } from '../src/sentences.js';

const event = (type: string, data: object, actor: object = { userId: 'u-1' }): WorkspaceEvent => {
  const common = { id: 'e-1', version: 7, index: 0, at: '2026-11-23T12:00:00Z', workspaceId: 'ws-1' };
  return JSON.parse(JSON.stringify({ ...common, type, data, actor })) as WorkspaceEvent;
};
const nameOf = (id: string): string => (id === 'u-1' ? 'Ada' : 'Ben');

describe('an event type without a sentence of its own', () => {
  test('is shown as words, with the actor and the data', () => {
    const frozen = event('workspace.frozen', { reason: 'abuse', days: 7, note: null });
    expect(eventSentence(frozen, nameOf)).toBe('Ada: workspace frozen (reason: abuse, days: 7).');
    expect(peopleIn(frozen)).toEqual(['u-1']);
  });

  test('needs no data', () => {
    const thawed = event('workspace.thawed', {}, { operator: 'support' });
    expect(eventSentence(thawed, nameOf)).toBe('The operator support: workspace thawed.');
  });

  test('names the person in its data', () => {
    expect(peopleIn(event('member.muted', { userId: 'u-2' }))).toEqual(['u-1', 'u-2']);
  });
});

test('A-10 an erased address is said to be one', () => {
  const created = event('invitation.created', {
    role: 'developer',
    recipient: { email: '[erased]' },
    maxUses: 1,
  });
  expect(eventSentence(created, nameOf)).toBe('Ada invited someone whose address was erased as developer.');
  expect(peopleIn(created)).toEqual(['u-1']);
  const erased = event('invitation.erased', { invitationId: 'i-1' });
  expect(eventSentence(erased, nameOf)).toBe('The e-mail address of an invitation was erased.');
});

test('data of any type is readable', () => {
  const data = { until: new Date('2026-11-23T12:00:00Z'), limits: { seats: 3 }, note: null, url: undefined };
  expect(dataText(data)).toBe('until: 2026-11-23T12:00:00.000Z, limits: {"seats":3}');
});

describe('an error code without a sentence of its own', () => {
  const error = (code: string, details: object) =>
    JSON.parse(JSON.stringify({ code, details })) as {
      readonly code: WorkspaceErrorCode;
      readonly details: ErrorDetails[WorkspaceErrorCode];
    };

  test('is shown as words, with its details', () => {
    expect(sentenceOf(error('WORKSPACE_FROZEN', { reason: 'abuse' }))).toEqual({
      status: 500,
      says: 'This was refused: workspace frozen (reason: abuse).',
      next: 'Go back.',
    });
  });

  test('needs no details', () => {
    expect(sentenceOf(error('WORKSPACE_FROZEN', {})).says).toBe('This was refused: workspace frozen.');
  });
});
