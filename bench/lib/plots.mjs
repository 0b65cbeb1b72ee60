// The plots of docs/performance.md, as SVG, from the points of results.json: each is a stack of panels, with its lines named
// at their right ends. On a white card, so that they can be read on a dark page, too; one file stands for every width.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { View, parse } from 'vega';
import { compile } from 'vega-lite';

/** Of a panel, and of the card with the labels on both sides: the library measures text without a font, and too wide. */
const WIDTH = 280;
const HEIGHT = 240;
const CARD_WIDTH = 580;
const LABEL_HEIGHT = 18;
/** After Okabe and Ito, for every kind of colour vision; each dark enough for text on white. Shapes tell lines apart, too. */
const COLOURS = ['#0072b2', '#d55e00', '#117733', '#aa4499', '#000000', '#8a6d00', '#6e6e6e', '#2a8c82'];

const SIZES = {
  workspaces: { x: 'workspaces', title: 'cost against the number of workspaces' },
  members: { x: 'members of the workspace', title: 'cost against the size of a workspace' },
};
const KINDS = {
  read: 'Authorization and first pages',
  command: 'Commands',
};

/**
 * `points`: `{ plot, storage, panel, line, x, y, limit? }`, flat. A plot of a size is of microseconds a call, one of
 * `concurrency` of calls a second. Answers with what was drawn: `{ file, plot, alt }`.
 */
export async function drawPlots(points, folder) {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) if (file.endsWith('.svg')) rmSync(new URL(file, folder));
  const drawn = [];
  for (const storage of distinct(points.map((point) => point.storage))) {
    for (const plot of Object.keys({ ...SIZES, concurrency: true })) {
      const own = points.filter((point) => point.storage === storage && point.plot === plot);
      if (own.length === 0) continue;
      const spec = plot === 'concurrency' ? concurrencyPlot(storage, own) : sizePlot(storage, plot, own);
      const view = new View(parse(compile(spec).spec), { renderer: 'none' });
      const file = `${plot}-${storage.toLowerCase()}.svg`;
      writeFileSync(new URL(file, folder), `${cropped(await view.toSVG())}\n`);
      drawn.push({ file, plot, alt: spec.title.text });
    }
  }
  return drawn;
}

function cropped(svg) {
  const sized = /width="\d+" height="(\d+)" viewBox="0 0 \d+ \d+"/;
  if (!sized.test(svg)) throw new Error('the plot has no size');
  return svg.replace(sized, `width="${CARD_WIDTH}" height="$1" viewBox="0 0 ${CARD_WIDTH} $1"`);
}

function sizePlot(storage, plot, points) {
  const { x, title } = SIZES[plot];
  const inMicroseconds = points.map((point) => ({ ...point, y: point.y / 1e3 }));
  const panels = Object.entries(KINDS).map(([kind, name]) => ({
    name,
    points: inMicroseconds.filter(({ panel }) => panel === kind),
  }));
  return stack(`${named(storage)}: ${title}`, panels, { x, y: 'µs per call' });
}

function concurrencyPlot(storage, points) {
  const panels = distinct(points.map(({ panel }) => panel)).map((name) => ({
    name,
    points: points.filter(({ panel }) => panel === name),
  }));
  return stack(`${named(storage)}: throughput against concurrency`, panels, {
    x: 'calls in flight',
    y: 'calls per second',
  });
}

function named(storage) {
  return `${storage[0].toUpperCase()}${storage.slice(1)}`;
}

function stack(title, panels, axes) {
  return {
    background: 'white',
    padding: 14,
    title: { text: title, anchor: 'start', fontSize: 18, frame: 'bounds', offset: 14 },
    spacing: 26,
    resolve: { scale: { color: 'independent', shape: 'independent' } },
    vconcat: panels.filter(({ points }) => points.length > 0).map((panel) => panelOf(panel, axes)),
    config: {
      font: 'system-ui, -apple-system, "Segoe UI", sans-serif',
      view: { stroke: null },
      axis: {
        labelFontSize: 15,
        titleFontSize: 15,
        titleFontWeight: 'normal',
        gridColor: '#e4e4e4',
        titlePadding: 8,
      },
      title: { fontSize: 16, anchor: 'start', frame: 'group' },
    },
  };
}

/** Both axes are logarithmic: whatever costs the same everywhere is a level line, however dear it is. */
function panelOf({ name, points }, axes) {
  const lines = distinct(points.map(({ line }) => line));
  const xs = distinct(points.map(({ x }) => x)).sort((one, other) => one - other);
  const ys = points.map(({ y }) => y);
  const domain = [Math.min(...ys) / 1.6, Math.max(...ys) * 1.6];
  const x = {
    field: 'x',
    type: 'quantitative',
    scale: { type: 'log', domain: [xs[0], xs.at(-1)], nice: false },
    axis: { title: axes.x, values: xs, format: '~s', labelOverlap: false },
  };
  const y = (title) => ({
    field: 'y',
    type: 'quantitative',
    scale: { type: 'log', domain, nice: false },
    axis: { title, format: ',~r', tickCount: 5 },
  });
  const color = { field: 'line', type: 'nominal', legend: null, scale: { domain: lines, range: COLOURS } };
  const shape = { field: 'line', type: 'nominal', legend: null, scale: { domain: lines } };
  const strokeDash = {
    condition: { test: 'datum.limit === true', value: [5, 4] },
    value: [1, 0],
  };
  return {
    title: name,
    width: WIDTH,
    height: HEIGHT,
    layer: [
      {
        data: { values: points },
        mark: { type: 'line', strokeWidth: 2, strokeJoin: 'round' },
        encoding: { x, y: y(axes.y), color, strokeDash },
      },
      {
        data: { values: points },
        mark: { type: 'point', filled: true, size: 55, opacity: 1 },
        encoding: { x, y: y(axes.y), color, shape },
      },
      {
        data: { values: labelsOf(points, lines, domain) },
        mark: { type: 'text', align: 'left', dx: 10, fontSize: 15 },
        encoding: { x, y: y(axes.y), color, text: { field: 'line' } },
      },
    ],
  };
}

/** A label beside the last point of each line, moved along the axis by as little as keeps it off its neighbours. */
function labelsOf(points, lines, [lowest, highest]) {
  const height = (value) => (Math.log(value / lowest) / Math.log(highest / lowest)) * HEIGHT;
  const value = (at) => lowest * (highest / lowest) ** (at / HEIGHT);
  const labels = lines
    .map((line) =>
      points
        .filter((point) => point.line === line)
        .reduce((last, point) => (point.x > last.x ? point : last)),
    )
    .map(({ x, y, line }) => ({ x, line, at: height(y) }))
    .sort((one, other) => one.at - other.at);
  // Clusters grow until they no longer touch; each is centred on the mean of where its labels want to be.
  let clusters = labels.map((label) => [label]);
  const middle = (cluster) => cluster.reduce((sum, { at }) => sum + at, 0) / cluster.length;
  const start = (cluster) => {
    const size = cluster.length * LABEL_HEIGHT;
    return Math.min(Math.max(middle(cluster) - size / 2, 0), HEIGHT - size);
  };
  for (let merging = true; merging; ) {
    merging = false;
    const next = [];
    for (const cluster of clusters) {
      const before = next.at(-1);
      if (before !== undefined && start(before) + before.length * LABEL_HEIGHT > start(cluster)) {
        before.push(...cluster);
        merging = true;
      } else next.push([...cluster]);
    }
    clusters = next;
  }
  return clusters.flatMap((cluster) =>
    cluster.map(({ x, line }, place) => ({
      x,
      line,
      y: value(start(cluster) + (place + 0.5) * LABEL_HEIGHT),
    })),
  );
}

function distinct(values) {
  return [...new Set(values)];
}
