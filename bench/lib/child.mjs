// One flow of one topic in a process of its own: argv is the topic's file and the flow's name; the rows go to the parent.
const [topic, flow] = process.argv.slice(2);
const { flows } = await import(topic);
const rows = await flows[flow]();
process.send({ rows }, () => process.exit(0));
