// The world as a whole: how jobs unfold, what backends there are, snapshots of it, and scopes beside it.

import { askSure, askText, byId, button, download, el, fill, say, toast } from "./dom.js";
import { clockTime } from "./format.js";

const OUTCOMES = ["completed", "failed", "cancelled", "ran-too-long", "stuck"];
const MOST_BACKENDS = 60;

export class Settings {
  constructor(world, { scope }) {
    Object.assign(this, { world, scope });
    this.backends = el("ul", { class: "backends", "aria-label": "Backends" });
    this.snapshots = el("ul", { class: "snapshots", "aria-label": "Snapshots" });
    this.fileTrouble = el("p", { class: "error", role: "alert" });
    this.scopes = el("ul", { class: "snapshots", "aria-label": "Scopes" });
    fill(
      byId("panel-world"),
      el("div", { class: "columns even" },
        el("div", { class: "stack" },
          el("section", { class: "card" }, el("h2", {}, "How jobs unfold"), this.scenario()),
          el("section", { class: "card" }, el("h2", {}, "Answers"), this.latency()),
          el("section", { class: "card" },
            el("h2", {}, "Begin again"),
            el("div", { class: "row" }, button("Snapshot", () => this.take(), { title: "Keep all as it is now" }), button("Reset …", () => this.reset(), { class: "danger-ish" })),
            this.snapshots),
          el("section", { class: "card" },
            el("h2", {}, "World file"),
            el("p", { class: "hint" }, "All that is there now, as a file to begin with another time. A file that is loaded takes the place of all that is there."),
            this.file(), this.fileTrouble)),
        el("div", { class: "stack" },
          el("section", { class: "card" },
            el("header", { class: "row between" }, el("h2", {}, "Backends"), el("span", { class: "row" },
              button("Maintenance …", () => this.maintenance()), button("All online", () => this.changed((api) => api.delete("maintenance"))))),
            this.backends),
          el("section", { class: "card" },
            el("header", { class: "row between" }, el("h2", {}, "Scopes"), button("New scope …", () => this.newScope())),
            el("p", { class: "hint" }, "Worlds of their own on this server, for tests in parallel. A request belongs to one by the header Mock-Runtime-Scope."),
            this.scopes))),
    );
    world.addEventListener("scopes", () => this.drawScopes());
  }

  field(label, field, hint) { return el("div", { class: "field" }, el("label", { for: field.id }, label), field, hint && el("p", { class: "hint" }, hint)); }

  input(id, placeholder) { return el("input", { id, placeholder, autocomplete: "off", spellcheck: "false" }); }

  scenario() {
    this.plan = {
      queue: this.input("plan-queue", "1s"), run: this.input("plan-run", "2s"), polls: this.input("plan-polls", "by time"),
      outcome: el("select", { id: "plan-outcome" }, el("option", { value: "" }, "completed, unless the program says"), OUTCOMES.map((each) => el("option", {}, each))),
      reason: this.input("plan-reason", ""),
    };
    this.trouble = el("p", { class: "error", role: "alert" });
    this.also = el("p", { class: "hint" });
    return el(
      "form", { class: "form", onsubmit: (event) => { event.preventDefault(); this.unfold(event.submitter?.dataset.only); } },
      el("div", { class: "grid three" }, this.field("In the queue", this.plan.queue), this.field("At work", this.plan.run), this.field("Or by polls", this.plan.polls)),
      el("div", { class: "grid" }, this.field("Ends as", this.plan.outcome), this.field("Reason", this.plan.reason)),
      el("p", { class: "hint" }, "Lengths: 5s, 1s..3s, 5s~2s, exponential(5s), 3 polls, now, never. Of jobs that are submitted from now on."),
      this.also, this.trouble,
      el("div", { class: "row end" }, el("button", { dataset: { only: "next" }, title: "Only of the next submission that has no plan yet" }, "For the next job"), el("button", { class: "primary" }, "For all jobs")),
    );
  }

  latency() {
    this.latencyField = this.input("latency", "now");
    return el(
      "form", { class: "form", onsubmit: (event) => { event.preventDefault(); this.changed((api) => api.put("latency", { latency: this.latencyField.value.trim() || "now" }), "Latency set."); } },
      el("div", { class: "row" }, el("label", { for: "latency" }, "Latency of each"), this.latencyField, el("button", {}, "Set")),
    );
  }

  file() {
    const chosen = el("input", { type: "file", accept: ".yaml,.yml,.json", "aria-label": "A world file", onchange: () => this.load(chosen) });
    return el("div", { class: "row" }, button("Save as file", () => this.save()), el("div", { class: "grow" }, chosen));
  }

  async save() {
    try {
      download(await this.world.api.get("world"), "world.yaml", "application/yaml");
    } catch (error) {
      this.world.ontrouble(error);
    }
  }

  async load(chosen) {
    const [file] = chosen.files;
    if (!file) return;
    try {
      await this.world.api.put("world", await file.text());
      say(this.fileTrouble, "");
      toast(`The world is that of ${file.name}.`);
      await this.world.again();
      await this.shown();
    } catch (error) {
      say(this.fileTrouble, error.message);
    }
    chosen.value = "";
  }

  async shown() {
    const { api } = this.world;
    const asked = [
      ["scenario", (answer) => this.drawScenario(answer)], ["latency", ({ latency }) => { if (document.activeElement !== this.latencyField) this.latencyField.value = latency; }],
      ["backends", ({ backends }) => this.drawBackends(backends)], ["snapshots", ({ snapshots }) => this.drawSnapshots(snapshots)],
    ];
    for (const [path, draw] of asked) {
      try {
        draw(await api.get(path));
      } catch (error) {
        if (error.status === undefined) throw error;
        this.world.ontrouble(error);
      }
    }
    try {
      await this.world.readScopes();
    } catch { /* told above, if at all */ }
  }

  /** Change something, and show how it is then. */
  async changed(doing, told) {
    if (!(await this.world.act(doing))) return false;
    if (told) toast(told);
    await this.shown();
    return true;
  }

  drawScenario(said) {
    for (const [name, field] of Object.entries(this.plan)) if (document.activeElement !== field) field.value = said[name] ?? "";
    const programs = Object.keys(said.programs ?? {}).length;
    const jobs = said.jobs?.length ?? 0;
    say(this.also, [programs && `${programs} programs have a plan of their own.`, jobs && `${jobs} next submissions have one.`].filter(Boolean).join(" "));
  }

  async unfold(only) {
    const said = Object.fromEntries(Object.entries(this.plan).map(([name, field]) => [name, field.value.trim()]).filter(([, value]) => value));
    if ("polls" in said) {
      if (/^\d+$/.test(said.polls)) said.polls = Number(said.polls);
      delete said.queue;
      delete said.run;
    }
    try {
      if (only === "next") await this.world.api.post("scenario/jobs", said);
      else {
        // In place of the plan of all jobs; plans of programs and of the next submissions stay.
        const { programs, jobs } = await this.world.api.get("scenario");
        await this.world.api.put("scenario", { ...said, programs, jobs });
      }
      say(this.trouble, "");
      toast(only === "next" ? "The next job unfolds like that." : "Jobs unfold like that from now on.");
      document.activeElement?.blur?.();
      this.drawScenario(await this.world.api.get("scenario"));
    } catch (error) {
      if (error.status === undefined) throw error;
      say(this.trouble, error.message);
    }
  }

  drawBackends(backends) {
    const shown = backends.slice(0, MOST_BACKENDS);
    const held = this.backends.contains(document.activeElement) ? document.activeElement.dataset.does : null;
    fill(this.backends, shown.map((backend) => {
      const isOn = backend.availability === "online";
      const path = `backends/${encodeURIComponent(backend.name)}`;
      return el("li", { class: `rule ${isOn ? "" : "off"}` },
        el("button", {
          type: "button", role: "switch", class: "switch", "aria-checked": String(isOn), "aria-label": backend.name, dataset: { does: backend.name },
          onclick: () => this.changed((api) => api.patch(path, { availability: isOn ? "offline" : "online" })),
        }, el("span", { class: "knob", "aria-hidden": "true" })),
        el("div", { class: "rule-text" }, el("h3", { class: "mono" }, backend.name),
          el("p", { class: "hint" }, [isOn ? null : backend.availability, backend.reason || backend.message, backend.qubits && `${backend.qubits} qubits`, backend.pending ? `${backend.pending} jobs pending` : null].filter(Boolean).join(", "))),
        isOn && button("Pause", () => this.changed((api) => api.patch(path, { availability: "paused" })), { class: "quiet small", "aria-label": `Pause ${backend.name}`, dataset: { does: `pause-${backend.name}` } }));
    }), backends.length > shown.length && el("li", { class: "hint" }, `and ${backends.length - shown.length} more`));
    if (held) [...this.backends.querySelectorAll("[data-does]")].find((each) => each.dataset.does === held)?.focus();
  }

  drawSnapshots(snapshots) {
    fill(this.snapshots, snapshots.length ? snapshots.map(({ name, at, jobs }) => el("li", { class: "row between" },
      el("span", {}, el("code", { class: "mono" }, name), el("span", { class: "hint" }, ` ${clockTime(at, { millis: false })}, ${jobs ?? 0} jobs`)),
      el("span", { class: "row" },
        button("Roll back", () => this.rollback(name), { class: "small", "aria-label": `Roll back to ${name}` }),
        button("Drop", () => this.changed((api) => api.delete(`snapshots/${encodeURIComponent(name)}`)), { class: "quiet small", "aria-label": `Drop snapshot ${name}` })),
    )) : el("li", { class: "hint" }, "No snapshots. One keeps jobs, faults, journal and time as they are, to go back to."));
  }

  async take() {
    const name = await askText("Keep a snapshot", "Name", { action: "Keep it", required: false, hint: "Letters, digits, '.', '_' and '-'; it gets one if you give none." });
    if (name !== null) await this.changed((api) => api.post("snapshots", name ? { name } : {}), "Kept.");
  }

  async rollback(name) {
    if (!(await this.changed((api) => api.post(`snapshots/${encodeURIComponent(name)}/rollback`, {}), `Back at ${name}.`))) return;
    await this.world.again();
  }

  async reset() {
    if (!(await askSure("Begin again?", "Jobs, sessions, rules and the journal are as at the start again. Snapshots stay.", "Reset"))) return;
    if (!(await this.world.act((api) => api.post("reset")))) return;
    await this.world.again();
    await this.shown();
    toast("All is as at the start.");
  }

  async maintenance() {
    const length = await askText("Maintenance", "For how long", { value: "2h", action: "Announce it", hint: "From now: backends pause, and jobs wait." });
    if (length) await this.changed((api) => api.post("maintenance", { for: length }), "Maintenance announced.");
  }

  drawScopes() {
    fill(this.scopes, this.world.scopes.map(({ name, jobs, exchanges }) => el("li", { class: "row between" },
      el("span", {}, name ? el("code", { class: "mono" }, name) : el("em", {}, "the server’s own"), el("span", { class: "hint" }, ` ${jobs} jobs, ${exchanges} exchanges`)),
      el("span", { class: "row" },
        name === this.world.api.scope ? el("span", { class: "chip running" }, "shown") : button("Show", () => this.scope(name), { class: "small", "aria-label": `Show scope ${name || "of the server"}` }),
        name && name !== this.world.api.scope && button("Drop", () => this.changed((api) => api.delete(`scopes/${encodeURIComponent(name)}`)), { class: "quiet small", "aria-label": `Drop scope ${name}` })),
    )));
  }

  async newScope() {
    const name = await askText("A new scope", "Name", { action: "Make it", required: false, hint: "It gets one if you give none." });
    if (name === null) return;
    const made = await this.world.act((api) => api.post("scopes", name ? { name } : {}));
    if (made) this.scope(made.name);
  }
}
