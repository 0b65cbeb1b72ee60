// One flow of one topic in a process of its own: argv is the topic's file and the flow's name. The rows go to the parent, and
// with them the points of the plots, where the flow answers `{ rows, points }`.
const [topic, flow] = process.argv.slice(2);
const { flows } = await import(topic);
const answer = await flows[flow]();
const { rows, points = [] } = Array.isArray(answer) ? { rows: answer } : answer;
process.send({ rows, points }, () => process.exit(0));
