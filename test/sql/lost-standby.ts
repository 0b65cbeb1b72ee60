// A server whose commits wait for a synchronous standby that does not exist, until the test ends the wait.
import pg from 'pg';

export interface LostStandby {
  /** From now on each commit waits. */
  readonly lose: () => Promise<void>;
  /** Ends all waits: the server needs no standby any more. */
  readonly restore: () => Promise<void>;
  /** Resolves with the process of a commit that waits. */
  readonly untilWaiting: () => Promise<number>;
  readonly cancel: (process: number) => Promise<unknown>;
  readonly terminate: (process: number) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

export async function lostStandby(connectionString: string): Promise<LostStandby> {
  const [admin, writer] = [new pg.Client({ connectionString }), new pg.Client({ connectionString })];
  await Promise.all([admin.connect(), writer.connect()]);
  await writer.query('create table standby_probes (number int)');

  const waiting = async (): Promise<number | undefined> => {
    const { rows } = await admin.query<{ pid: number }>(
      "select pid from pg_stat_activity where wait_event = 'SyncRep'",
    );
    return rows[0]?.pid;
  };
  const cancel = (process: number) => admin.query('select pg_cancel_backend($1)', [process]);
  const set = async (names: string): Promise<void> => {
    await admin.query(`alter system set synchronous_standby_names = '${names}'`);
    await admin.query('select pg_reload_conf()');
  };

  return {
    async lose() {
      await set('nobody');
      // The server applies the setting a little later: until a commit has waited.
      for (let process: number | undefined; process === undefined; ) {
        const ended: true[] = [];
        const probe = writer.query('insert into standby_probes values (1)').then(() => ended.push(true));
        while (process === undefined && ended.length === 0) process = await waiting();
        if (process !== undefined) await cancel(process);
        await probe;
      }
    },
    async restore() {
      await set('');
      await writer.query('insert into standby_probes values (2)');
      while ((await waiting()) !== undefined);
    },
    async untilWaiting() {
      for (;;) {
        const process = await waiting();
        if (process !== undefined) return process;
      }
    },
    cancel,
    terminate: (process) => admin.query('select pg_terminate_backend($1)', [process]),
    async close() {
      await Promise.all([admin.end(), writer.end()]);
    },
  };
}
