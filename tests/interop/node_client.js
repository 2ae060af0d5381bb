// Every operation of node-zookeeper-client, told line by line; then it waits for `again` on its standard input, which
// says that the server was restarted, and tells what its watches saw. Usage: node node_client.js MODULE PORT
"use strict";
const zookeeper = require(process.argv[2]);
const client = zookeeper.createClient(`127.0.0.1:${process.argv[3]}`, { sessionTimeout: 4000, retries: 0 });
const { PERSISTENT, PERSISTENT_SEQUENTIAL, EPHEMERAL, EPHEMERAL_SEQUENTIAL, CONTAINER } = zookeeper.CreateMode;

const tell = (...words) => console.log(words.join(" "));
const watch = (event) => tell("event", event.getName(), event.getPath());

// One call as a promise that tells its outcome and never fails: an error is an outcome, too.
function call(told, method, ...args) {
  return new Promise((resolve) => {
    client[method](...args, (error, ...results) => {
      tell(told, error ? error.getName() : results.map(show).join(" "));
      resolve();
    });
  });
}

function show(result) {
  if (result === undefined || result === null) return "-";
  if (Buffer.isBuffer(result)) return JSON.stringify(result.toString());
  if (Array.isArray(result)) return JSON.stringify(result.map((item) => (item.id ? item.id.scheme : item)).sort());
  if (result.specification) return `version=${result.version} children=${result.numChildren} bytes=${result.dataLength}`;
  return String(result);
}

function commit(told, transaction) {
  return new Promise((resolve) => {
    transaction.commit((error, results) => {
      tell(told, error ? error.getName() : "committed", (results || []).map((each) => each.err || 0).join(","));
      resolve();
    });
  });
}

async function operate() {
  await call("create", "create", "/p", Buffer.from("data"), null, PERSISTENT);
  await call("sequential", "create", "/p/s-", null, null, PERSISTENT_SEQUENTIAL);
  await call("ephemeral", "create", "/p/e", null, null, EPHEMERAL);
  await call("both", "create", "/p/es-", null, null, EPHEMERAL_SEQUENTIAL);
  if (CONTAINER !== undefined) await call("container", "create", "/c", null, null, CONTAINER);
  await call("again", "create", "/p", null, null, PERSISTENT);
  await call("no parent", "create", "/missing/child", null, null, PERSISTENT);
  await call("get", "getData", "/p", null);
  await call("set", "setData", "/p", Buffer.from("new"), 0);
  await call("wrong version", "setData", "/p", Buffer.from("newer"), 0);
  await call("children", "getChildren", "/p", null);
  await call("exists", "exists", "/missing", watch);
  await call("create missing", "create", "/missing", null, null, PERSISTENT);
  await call("watch data", "getData", "/missing", watch);
  await call("change", "setData", "/missing", Buffer.from("x"), -1);
  await call("watch children", "getChildren", "/missing", watch);
  await call("add a child", "create", "/missing/child", null, null, PERSISTENT);
  await call("watch child", "exists", "/missing/child", watch);
  await call("remove child", "remove", "/missing/child", -1);
  await call("not empty", "remove", "/p", -1);
  await commit("good", client.transaction().create("/t").setData("/t", Buffer.from("1"), 0).check("/t", 1));
  await commit("bad", client.transaction().remove("/t").check("/p", 9));
  client.addAuthInfo("digest", Buffer.from("alice:secret"));
  await call("hers", "create", "/hers", null, zookeeper.ACL.CREATOR_ALL_ACL, PERSISTENT);
  await call("acl", "getACL", "/hers");
  await call("set acl", "setACL", "/hers", zookeeper.ACL.OPEN_ACL_UNSAFE, 0);
}

client.once("connected", async () => {
  await operate();
  await call("to be watched", "getData", "/t", watch);
  tell("restart");
});

process.stdin.once("data", async () => {
  await call("mine", "exists", "/p/e", null);
  await call("watched", "setData", "/t", Buffer.from("2"), -1);
  client.close();
  tell("end");
  process.stdin.pause();
});

client.on("state", (state) => tell("state", state.getName()));
client.connect();
