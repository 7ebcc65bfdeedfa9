// messages.cjs URL VERSION [CAFILE]
// Subscribes with mqtt.js and publishes to itself at every QoS, small, large and empty; prints what comes back.
'use strict';
const fs = require('fs');
const mqtt = require('mqtt');

const [url, version, cafile] = process.argv.slice(2);
const options = { protocolVersion: Number(version), reconnectPeriod: 0, connectTimeout: 30000 };
if (cafile) options.ca = fs.readFileSync(cafile);
const payloads = ['hello', 'x'.repeat(300000), ''];
const cases = [0, 1, 2].flatMap((qos) => payloads.map((payload) => ({ qos, payload })));

const client = mqtt.connect(url, options);
let isDone = false;
client.on('close', () => {
  console.log(isDone ? 'done' : 'closed too early');
  process.exit(isDone ? 0 : 1);
});
client.on('error', (error) => console.log(`error: ${error.message}`));
client.on('message', (topic, payload, packet) => {
  console.log(`${topic} ${packet.qos} ${payload.length}`);
});

async function run() {
  await new Promise((resolve) => client.once('connect', resolve));
  await client.subscribeAsync('js/#', { qos: 2 });
  let heard = 0;
  const all = new Promise((resolve) => client.on('message', () => ++heard === cases.length && resolve()));
  for (const { qos, payload } of cases) await client.publishAsync(`js/${qos}`, payload, { qos });
  await all;
  isDone = true;
  client.end();
}
run();
