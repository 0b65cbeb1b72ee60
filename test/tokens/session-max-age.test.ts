// The end of a session: no chain of switches outlives the maximum age of the sign-in that it began with.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sessionActor, workspaceApi } from '../../src/http/index.js';
import { defaultMatrix, WorkspaceService, type UserActor } from '../../src/index.js';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { testTokens } from '../../src/testing/index.js';
import { createTeam, dev, outcomeOf } from '../service/invitation-team.js';
import { claimsOf, forge } from './forge.js';

const HOUR = 60 * 60 * 1000;

describe('S-11 the maximum age of a session', () => {
  test('S-11 is 12 hours by default, however often the holder of a token switches', async () => {
    const { workspaces, workspaceId, clock } = await createTeam();
    const start = clock.now();
    let session = await workspaces.switchWorkspace(dev, { workspaceId });
    for (;;) {
      clock.advance(9 * 60_000);
      const verified = await outcomeOf(workspaces.verifySession({ token: session.token }));
      if (verified !== 'ok') break;
      const { userId, signedInAt } = await workspaces.verifySession({ token: session.token });
      session = await workspaces.switchWorkspace({ userId, signedInAt }, { workspaceId });
      expect(signedInAt).toEqual(new Date(start));
    }
    expect(session.expiresAt).toEqual(new Date(start + 12 * HOUR));
    const before = session.token;
    const late = workspaces.switchWorkspace({ ...dev, signedInAt: new Date(start) }, { workspaceId });
    expect(await outcomeOf(late)).toBe('SESSION_EXPIRED');
    expect(await outcomeOf(workspaces.verifySession({ token: before }))).toBe('SESSION_EXPIRED');
    // A new sign-in starts again.
    expect(await outcomeOf(workspaces.switchWorkspace(dev, { workspaceId }))).toBe('ok');
  });

  test('S-11 bounds every chain of switches at any times, with any lifetimes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 1, max: 3_000 }),
        fc.integer({ min: 0, max: 999 }),
        fc.array(fc.double({ min: 0, max: 1.05, noNaN: true }), { maxLength: 40 }),
        async (sessionSeconds, sessionMaxAgeSeconds, offset, pauses) => {
          const tokens = { ...testTokens, sessionSeconds, sessionMaxAgeSeconds };
          const { workspaces, workspaceId, clock } = await createTeam({ tokens });
          clock.advance(offset);
          const end = clock.now() + sessionMaxAgeSeconds * 1000;
          let { token, expiresAt } = await workspaces.switchWorkspace(dev, { workspaceId });
          for (const part of pauses) {
            expect(expiresAt.getTime()).toBeLessThanOrEqual(end);
            expect(expiresAt.getTime()).toBeLessThanOrEqual(clock.now() + sessionSeconds * 1000);
            clock.advance(Math.round(part * sessionSeconds * 1000));
            const verified = await outcomeOf(workspaces.verifySession({ token }));
            expect(verified).toBe(clock.now() < expiresAt.getTime() ? 'ok' : 'SESSION_EXPIRED');
            if (verified !== 'ok') return;
            const { userId, signedInAt } = await workspaces.verifySession({ token });
            ({ token, expiresAt } = await workspaces.switchWorkspace(
              { userId, signedInAt },
              { workspaceId },
            ));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('S-11 a refused switch changes nothing and asks no hook', async () => {
    const { workspaces, workspaceId, clock, storage } = await createTeam();
    const signedInAt = new Date(clock.now());
    let asked = 0;
    workspaces.before('switchWorkspace', () => {
      asked += 1;
    });
    clock.advance(12 * HOUR);
    const before = storage.dump();
    const late = workspaces.switchWorkspace({ ...dev, signedInAt }, { workspaceId });
    expect(await outcomeOf(late)).toBe('SESSION_EXPIRED');
    expect([storage.dump(), asked]).toEqual([before, 0]);
    clock.advance(-1);
    const last = await workspaces.switchWorkspace({ ...dev, signedInAt }, { workspaceId });
    expect(last.expiresAt.getTime()).toBe(signedInAt.getTime() + 12 * HOUR);
  });

  test('S-11 a sign-in in the future counts as now: a clock that is ahead does not lengthen a session', async () => {
    const { workspaces, workspaceId, clock } = await createTeam();
    const now = clock.now();
    const ahead = { ...dev, signedInAt: new Date(now + 24 * HOUR) };
    const { token } = await workspaces.switchWorkspace(ahead, { workspaceId });
    expect((await workspaces.verifySession({ token })).signedInAt).toEqual(new Date(now));
  });

  test('S-11 a maximum that was lowered ends issued tokens, too', async () => {
    const team = await createTeam();
    const { token } = await team.workspaces.switchWorkspace(dev, { workspaceId: team.workspaceId });
    const strict = team.service({ tokens: { ...testTokens, sessionMaxAgeSeconds: 60 } });
    expect((await strict.verifySession({ token })).expiresAt).toEqual(new Date(team.clock.now() + 60_000));
    team.clock.advance(60_000);
    expect(await outcomeOf(strict.verifySession({ token }))).toBe('SESSION_EXPIRED');
    expect(await outcomeOf(team.workspaces.verifySession({ token }))).toBe('ok');
  });

  test('S-11 rejects a token whose time of sign-in is missing, malformed or after its issue', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { token } = await workspaces.switchWorkspace(dev, { workspaceId });
    const claims = claimsOf(token);
    const iat = Number(claims['iat']);
    const header = { header: { typ: 'session+jwt' } };
    expect(await outcomeOf(workspaces.verifySession({ token: await forge(claims, header) }))).toBe('ok');
    for (const authTime of [undefined, null, String(iat), iat + 1, -1, iat + 0.5, [iat], {}, true]) {
      const forged = await forge({ ...claims, auth_time: authTime }, header);
      expect(await outcomeOf(workspaces.verifySession({ token: forged }))).toBe('SESSION_INVALID');
    }
  });

  test.each<[string, unknown]>([
    ['an ISO string', '2026-01-01T00:00:00.000Z'],
    ['a number', 0],
    ['null', null],
    ['an invalid date', new Date(Number.NaN)],
  ])('S-11 %s as signedInAt is INVALID_INPUT, not a new sign-in', async (_, signedInAt) => {
    const { workspaces, workspaceId } = await createTeam();
    const actor = { ...dev, signedInAt } as UserActor;
    expect(await outcomeOf(workspaces.switchWorkspace(actor, { workspaceId }))).toBe('INVALID_INPUT');
  });

  test.each([0, -1, 2_592_001, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'S-11 rejects a maximum of %s seconds at construction',
    (sessionMaxAgeSeconds) => {
      const tokens = { ...testTokens, sessionMaxAgeSeconds };
      expect(
        () => new WorkspaceService({ permissions: defaultMatrix, storage: memoryStorage(), tokens }),
      ).toThrow('tokens: sessionMaxAgeSeconds must be a whole number from 1 to 2592000');
    },
  );
});

test('S-11 over HTTP, an API whose actors are those of sessionActor ends every session', async () => {
  const { workspaces, workspaceId, clock } = await createTeam();
  const api = workspaceApi({ workspaces, actor: (request) => sessionActor(workspaces, request) });
  const switched = (token: string) =>
    api.fetch(
      new Request(`https://app.example/workspaces/${workspaceId}/switch`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}` },
      }),
    );
  const start = clock.now();
  let { token } = await workspaces.switchWorkspace(dev, { workspaceId });
  let response = await switched(token);
  while (response.status === 200 && clock.now() - start < 24 * HOUR) {
    ({ token } = (await response.json()) as { token: string });
    clock.advance(9 * 60_000);
    response = await switched(token);
  }
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ code: 'SESSION_EXPIRED' });
  expect(clock.now() - start).toBeLessThanOrEqual(12 * HOUR + 9 * 60_000);
});
