// An unavailable database: every page says to retry, the API answers 503, and each failure is one line in the log.
import { expect, test } from 'vitest';
import { ORIGIN, openDesk } from './desk.js';

const AWAY = 'The database did not answer. Your change may or may not have been saved.';

test('every page and form reports an unavailable database', async () => {
  const desk = await openDesk();
  const ada = await desk.signedIn('Ada');
  const at = await ada.create('hello');
  const token = await ada.invite(at);
  await desk.close();

  const answers = [
    await ada.get('/'),
    await ada.get(`${at}/resources`),
    await ada.post(`${at}/resources`, { name: 'main', kind: 'cache' }),
    await desk.stranger().post('/sign-in', { name: 'Ada' }),
    await desk.stranger().post('/sign-in', { name: 'Eve' }),
    await desk.stranger().post('/join/sign-in', { name: 'Eve', token }),
  ];
  for (const { status, alert, text, body } of answers) {
    expect([status, alert]).toEqual([503, AWAY]);
    expect(text).toContain('Wait a moment, then try again.');
    expect(body).not.toMatch(/at .+\.ts|driver|destroyed/i);
  }
  expect(desk.lines).toHaveLength(answers.length);
  for (const line of desk.lines) {
    expect(line).toMatch(
      /^(GET|POST) \/\S*: WorkspaceError UNAVAILABLE: .* <- Error: driver has already been destroyed$/,
    );
  }
});

test('the API answers 503 with Retry-After', async () => {
  const desk = await openDesk();
  const send = (method: string, path: string, token: string, body: object | null) =>
    desk.app.request(`${ORIGIN}/api${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      ...(body && { body: JSON.stringify(body) }),
    });
  const answer: unknown = await (await send('POST', '/sign-in', '', { name: 'Ada' })).json();
  const [, token = ''] = /"token":"([^"]+)"/.exec(JSON.stringify(answer)) ?? [];
  const [, id = ''] = /"workspace":\{"id":"([^"]+)"/.exec(JSON.stringify(answer)) ?? [];
  expect((await send('GET', `/workspaces/${id}/resources`, token, null)).status).toBe(200);
  await desk.close();

  const answers = [
    await send('POST', '/sign-in', '', { name: 'Ada' }),
    await send('GET', `/workspaces/${id}`, token, null),
    await send('GET', `/workspaces/${id}/resources`, token, null),
    await send('POST', `/workspaces/${id}/resources`, token, { name: 'main', kind: 'cache' }),
  ];
  for (const response of answers) {
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  }
  expect(desk.lines).toHaveLength(answers.length);
  expect(desk.lines.join()).not.toContain('\n');
});

test('a list and a transaction that fail midway are reported in the same way', async () => {
  const desk = await openDesk();
  const ada = await desk.signedIn('Ada');
  const at = await ada.create('hello');
  await desk.db.schema.dropTable('desk_resource').execute();
  for (const answer of [
    await ada.get(`${at}/resources`),
    await ada.post(`${at}/resources`, { name: 'main', kind: 'cache' }),
    await ada.post(`${at}/resources/delete`, { id: `r-000000000-${'0'.repeat(16)}` }),
  ]) {
    expect([answer.status, answer.alert]).toEqual([503, AWAY]);
  }
  expect((await ada.get(at)).status).toBe(200);
  expect(desk.lines).toHaveLength(3);
});
