// Plain words for an event type or an error code that has no sentence of its own, such as one of a newer library.

/** `{ reason: 'abuse', days: 7 }` becomes "reason: abuse, days: 7". */
export function dataText(data: object): string {
  return Object.entries(data)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => `${key}: ${valueText(value)}`)
    .join(', ');
}

/** `workspace.suspended` and `WORKSPACE_SUSPENDED` become "workspace suspended (reason: abuse, days: 7)". */
export function plainText(name: string, data: object): string {
  const words = name.toLowerCase().replace(/[._-]+/g, ' ');
  const details = dataText(data);
  return details === '' ? words : `${words} (${details})`;
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}
