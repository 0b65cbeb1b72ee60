// The lines that the quick start prints for events.
import type { WorkspaceEvent } from 'tenantry';
import { expect, test } from 'vitest';
import { eventLine } from '../../examples/words.js';

const event = (type: string, data: object): WorkspaceEvent => {
  const envelope = { id: 'e-1', version: 7, index: 0, workspaceId: 'ws-1', actor: { userId: 'ada' } };
  const stored = JSON.parse(JSON.stringify({ ...envelope, type, data })) as WorkspaceEvent;
  return { ...stored, at: new Date('2026-11-23T12:00:00Z') };
};

test('formats the data of a known event type', () => {
  expect(eventLine(event('member.joined', { userId: 'ben', role: 'developer' }))).toBe(
    '7.0   2026-11-23 12:00  ada      member.joined          ben, developer',
  );
});

test('lists the data of an unknown event type by name', () => {
  expect(eventLine(event('workspace.suspended', { reason: 'abuse', days: 7 }))).toBe(
    '7.0   2026-11-23 12:00  ada      workspace.suspended    reason: abuse, days: 7',
  );
});
