// A subscriber in Node.js: reads its queue with amqplib. npm ci && node subscriber.js amqp://subscriber.billing:...
import process from "node:process";
import amqp from "amqplib";

const ONE_AT_A_TIME = 1;
// A real system keeps the ids that it has handled, in the transaction that handles them.
const seen = new Set();

// What your system does with an event; here it is printed.
function handle(event) {
  console.log(event.id, event.type, event.subject, JSON.stringify(event.data));
}

const url = process.argv[2];
const queue = decodeURIComponent(new URL(url).username); // a subscriber's queue is called like its user
const connection = await amqp.connect(url);
const channel = await connection.createChannel();

connection.on("close", () => process.exit(1)); // whoever watches this process starts it again
connection.on("error", (error) => console.error(error.message));
process.once("SIGTERM", () => process.exit(0)); // what is not acknowledged comes again

await channel.prefetch(ONE_AT_A_TIME);
await channel.consume(queue, (message) => {
  const event = JSON.parse(message.content.toString());
  if (!seen.has(event.id)) { // each event comes at least once
    handle(event);
    seen.add(event.id);
  }
  channel.ack(message); // only now may the broker forget it
});
