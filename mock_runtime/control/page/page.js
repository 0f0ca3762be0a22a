// The page, put together: tabs, time, scope, token and keys around what the other files show.

import { Api } from "./api.js";
import { askText, byId, button, el, fill, memory, say, toast } from "./dom.js";
import { Exchanges } from "./exchanges.js";
import { Faults } from "./faults.js";
import { clockTime, isFinal } from "./format.js";
import { Jobs } from "./jobs.js";
import { Keys } from "./keys.js";
import { Scorecard } from "./scorecard.js";
import { Settings } from "./settings.js";
import { World } from "./world.js";

const TABS = ["jobs", "exchanges", "faults", "world", "scorecard"];

const api = new Api({ onunauthorized: askToken });
const world = new World(api);
const go = { open, list: (what) => { exchanges.only(typeof what === "string" ? what : `job:${what.id}`); show("exchanges"); } };
const exchanges = new Exchanges(world, { job: (id) => { jobs.select(id); show("jobs"); } });
const jobs = new Jobs(world, go);
const faults = new Faults(world, { list: go.list });
const settings = new Settings(world, { scope: setScope });
const scorecard = new Scorecard(world, { open, list: go.list });
const panels = { jobs, exchanges, faults, world: settings, scorecard };
let shown = null;

world.ontrouble = (error) => {
  if (error.status === 401) return;
  toast(error.message, "error");
};
world.addEventListener("state", drawState);
world.addEventListener("jobs", drawCounts);
world.addEventListener("exchanges", drawCounts);
world.addEventListener("faults", drawCounts);
world.addEventListener("scopes", drawScopes);

/** Show an exchange, in its own tab. */
function open(exchange) {
  exchanges.only("");
  exchanges.follow.checked = false;
  show("exchanges");
  exchanges.select(exchange.number);
}

function show(name, { focus = false } = {}) {
  const tab = TABS.includes(name) ? name : "jobs";
  for (const each of TABS) {
    const isShown = each === tab;
    byId(`panel-${each}`).hidden = !isShown;
    const button_ = byId(`tab-${each}`);
    button_.setAttribute("aria-selected", String(isShown));
    button_.tabIndex = isShown ? 0 : -1;
    if (isShown && focus) button_.focus();
    if (isShown) button_.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  byId("tip").hidden = true;
  shown = tab;
  remember();
  world.wantsFaults = tab === "faults";
  panels[tab].refresh?.();
  panels[tab].shown?.();
}

/** Keep tab and scope in the address, so that it can be opened again; never the token. */
function remember() {
  const said = new URLSearchParams();
  if (shown !== "jobs") said.set("tab", shown);
  if (api.scope) said.set("scope", api.scope);
  const hash = said.toString();
  history.replaceState(null, "", location.pathname + location.search + (hash ? `#${hash}` : ""));
}

function setScope(name) {
  if (name === api.scope) return;
  api.scope = name;
  remember();
  world.again();
  settings.shown();
  drawScopes();
  if (shown === "scorecard") scorecard.shown();
}

function drawState() {
  const { state, connection, trouble } = world;
  const texts = { waiting: "Connecting", on: "Connected", off: "Not connected", refused: "Refused" };
  const box = byId("connection");
  say(box, texts[connection]);
  box.dataset.state = connection;
  const strip = byId("trouble");
  strip.hidden = !trouble;
  if (trouble) say(strip, `${trouble.message}${connection === "off" ? " What is shown is how it was last; it is asked again by itself." : ""}`);
  document.body.classList.toggle("is-off", connection === "off");
  document.title = `${connection === "off" ? "⚠ " : ""}mock-runtime${api.scope ? ` · ${api.scope}` : ""}`;
  if (!state) return;
  say(byId("edition"), state.edition);
  const { speed, manual } = state.clock;
  say(byId("speed"), manual ? "paused" : speed === 1 ? "real time" : `${Number(speed.toFixed(3))}×`);
  for (const each of byId("speeds").children) {
    const wanted = { manual: 0, real: 1 }[each.dataset.speed] ?? Number.parseFloat(each.dataset.speed);
    each.setAttribute("aria-pressed", String(wanted === (manual ? 0 : speed)));
  }
  drawClock();
  drawCounts();
  if ((state.scopes ?? 1) !== world.scopes.length) world.readScopes().catch(() => {});
}

function drawClock() {
  const now = world.now();
  if (!Number.isFinite(now)) return;
  const time = byId("now");
  say(time, clockTime(now, { day: true, millis: false }));
  time.dateTime = new Date(now * 1000).toISOString();
}

function drawCounts() {
  const { state } = world;
  const counts = {
    jobs: world.jobsCount || "", exchanges: state?.journal?.entries || "",
    faults: world.faults.filter(({ on }) => on).length || "",
  };
  for (const [name, count] of Object.entries(counts)) say(document.querySelector(`[data-count=${name}]`), String(count));
}

function drawScopes() {
  const select = byId("scope");
  const names = world.scopes.map(({ name }) => name);
  for (const name of ["", api.scope]) if (!names.includes(name)) names.unshift(name);
  const key = JSON.stringify(names);
  if (select.dataset.names !== key) {
    select.dataset.names = key;
    fill(select, names.map((name) => el("option", { value: name }, name || "the server’s own")));
  }
  select.value = api.scope;
  byId("scope-box").hidden = names.length < 2;
}

let isAsking = false;

async function askToken(message) {
  if (isAsking) return;
  isAsking = true;
  world.hold();
  const token = await askText("The control token", "Token", { type: "password", action: "Use it", hint: `${message}. It is kept until this tab is closed.` });
  isAsking = false;
  api.token = token || null;
  if (token) world.again();
  else fillTrouble();
}

function fillTrouble() {
  const strip = byId("trouble");
  strip.hidden = false;
  fill(strip, "This control plane is closed to who has no token. ", button("Give the token", () => askToken("Start the server with --control-token to set one")));
}

async function advance(by) {
  const done = await world.act((each) => each.post("clock", { advance: by }));
  if (done) toast(`Advanced by ${by}: it is ${clockTime(done.now, { millis: false })}.`);
}

async function advanceBy() {
  const by = await askText("Advance time", "By", { value: "5m", action: "Advance", hint: "A length such as 250ms, 90s, 5m, 1h, 2d." });
  if (by) await advance(by.trim());
}

async function setSpeed(speed) {
  const done = await world.act((each) => each.patch("clock", { speed }));
  if (done) toast(done.manual ? "Time stands still; advance it by hand." : `Time goes on${done.speed === 1 ? "" : ` ${done.speed} times as fast`}.`);
}

function pauseOrGo() { setSpeed(world.state?.clock.manual ? "real" : "manual"); }

function untilOver() {
  const job = jobs.lanes.item ?? world.jobs.find(({ status }) => !isFinal(status));
  if (!job) toast("There is no job that is not over.");
  else if (isFinal(job.status)) toast("The selected job is over already.");
  else jobs.details.until(job, "final");
}

function toggleTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  memory.set("theme", root.dataset.theme);
  jobs.recolour();
}

/** The list of the tab that is shown, if it has one. */
const listShown = () => ({ jobs: jobs.lanes, exchanges: exchanges.list })[shown];

function stepThrough(count) {
  const list = listShown();
  if (!list) return;
  list.element.focus();
  list.step(count);
}

const keys = new Keys([
  ...TABS.map((name, index) => [String(index + 1), `Show ${name}`, () => show(name, { focus: true })]),
  ["/", "Filter", () => byId(`panel-${shown}`).querySelector(".filter")?.focus()],
  ["j", "Next line", () => stepThrough(1)],
  ["k", "Line before", () => stepThrough(-1)],
  ["Enter", "From a line to what is said of it; Escape leaves a field"],
  ["p", "Pause time, or let it go on", pauseOrGo],
  ["a", "Advance by 1 s", () => advance("1s")],
  ["s", "Advance by 10 s", () => advance("10s")],
  ["m", "Advance by 1 min", () => advance("1m")],
  ["h", "Advance by 1 h", () => advance("1h")],
  ["u", "Advance until the selected job is over", untilOver],
  ["f", "Timeline: follow now", () => jobs.setMode(jobs.scale.mode === "follow" ? "auto" : "follow")],
  ["0", "Timeline: show all", () => jobs.setMode("auto")],
  ["+", "Timeline: zoom in (Ctrl and wheel, too)", () => jobs.zoom(0.6)],
  ["-", "Timeline: zoom out", () => jobs.zoom(1 / 0.6)],
  ["← →", "Timeline, when it has the focus: move (Shift and wheel, too; or drag)"],
  ["x", "Timeline: by time, or by the order of requests", () => jobs.nextAxis()],
  ["t", "Dark or light", toggleTheme],
  ["?", "These keys", () => keys.show()],
]);

function listen() {
  for (const name of TABS) byId(`tab-${name}`).addEventListener("click", () => show(name));
  byId("tabs").addEventListener("keydown", (event) => {
    const at = TABS.indexOf(shown);
    const next = { ArrowRight: (at + 1) % TABS.length, ArrowLeft: (at + TABS.length - 1) % TABS.length, Home: 0, End: TABS.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show(TABS[next], { focus: true });
  });
  for (const each of byId("advances").querySelectorAll("[data-advance]")) each.addEventListener("click", () => advance(each.dataset.advance));
  for (const each of byId("speeds").children) each.addEventListener("click", () => setSpeed(each.dataset.speed));
  byId("advance-by").addEventListener("click", advanceBy);
  byId("theme").addEventListener("click", toggleTheme);
  byId("help").addEventListener("click", () => keys.show());
  byId("scope").addEventListener("change", (event) => setScope(event.target.value));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => jobs.recolour());
  addEventListener("hashchange", fromAddress);
}

function fromAddress() {
  api.takeToken();
  const said = new URLSearchParams(location.hash.slice(1));
  if (said.has("scope") && said.get("scope") !== api.scope) {
    api.scope = said.get("scope");
    if (world.isStarted) world.again();
  }
  show(said.get("tab") ?? "jobs");
}

setInterval(() => { if (!document.hidden) drawClock(); }, 250);
listen();
fromAddress();
drawScopes();
world.start();
