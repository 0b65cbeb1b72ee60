// Counts the statements on their way to the driver, those that begin and end transactions among them. One is sent when the
// one before it was answered, so each is a round trip.

/** `around` goes in front of a dialect; `during(run)` says how many statements `run` sent. */
export function statementCounter() {
  let sent = 0;
  return {
    around: (dialect) => replacing(dialect, 'createDriver', () => countedDriver(dialect.createDriver())),
    async during(run) {
      const before = sent;
      await run();
      return sent - before;
    },
  };

  function countedDriver(driver) {
    const connections = new WeakMap();
    return replacing(driver, 'acquireConnection', async () => {
      const connection = await driver.acquireConnection();
      if (!connections.has(connection)) {
        const counted = replacing(connection, 'executeQuery', (query) => {
          sent++;
          return connection.executeQuery(query);
        });
        connections.set(connection, counted);
      }
      return connections.get(connection);
    });
  }
}

/** The object with one method of it replaced; the others run on the object itself, which may have private fields. */
function replacing(object, name, method) {
  return new Proxy(object, {
    get(target, key) {
      if (key === name) return method;
      const value = target[key];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
