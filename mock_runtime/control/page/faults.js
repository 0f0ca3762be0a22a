// The rules that make the fake misbehave: switched on and off, armed by profile, written anew.

import { ask, byId, button, el, fill, say, toast } from "./dom.js";
import { clockTime, short } from "./format.js";
import { RuleForm } from "./rule.js";

export class Faults {
  constructor(world, { list }) {
    Object.assign(this, { world, listExchanges: list });
    this.rules = el("ul", { class: "rules", "aria-label": "Rules" });
    this.profiles = el("ul", { class: "profiles", "aria-label": "Profiles" });
    this.summary = el("p", { class: "hint", role: "status" });
    this.form = new RuleForm(world);
    fill(
      byId("panel-faults"),
      el("div", { class: "columns" },
        el("section", { class: "card wide" },
          el("header", { class: "row between" }, el("h2", {}, "Rules"), el("span", { class: "row" }, this.summary,
            button("All met?", () => this.assertMet(), { title: "Have all rules been met by a request?" }),
            button("Remove all", () => world.act((api) => api.delete("faults")), { class: "danger-ish" }))),
          this.rules),
        el("div", { class: "stack" },
          el("section", { class: "card" }, el("h2", {}, "A new rule"), this.form.element),
          el("section", { class: "card" }, el("h2", {}, "Profiles"), el("p", { class: "hint" }, "Sets of rules for a bad day. Armed again, a profile replaces itself."), this.profiles))),
    );
    world.addEventListener("faults", () => this.refresh());
  }

  async shown() {
    if (!this.world.profiles) await this.readProfiles();
    this.refresh();
  }

  async readProfiles() {
    try {
      this.world.profiles = (await this.world.api.get("faults/profiles")).profiles;
    } catch (error) {
      this.world.ontrouble(error);
    }
    this.drawProfiles();
  }

  refresh() {
    const { faults } = this.world;
    const key = JSON.stringify(faults);
    if (key === this.key && this.rules.childElementCount) return;
    this.key = key;
    const unmet = faults.filter((fault) => fault.on && !fault.met).length;
    say(this.summary, faults.length ? `${faults.length} armed, ${unmet} not met yet` : "");
    const held = this.rules.contains(document.activeElement) ? document.activeElement.dataset.does : null;
    fill(this.rules, faults.length ? faults.map((fault) => this.rule(fault)) : el("li", { class: "empty small" },
      "No rules: everything works. Arm a profile, or write a rule, and requests that fit it go wrong on purpose."));
    if (held) [...this.rules.querySelectorAll("[data-does]")].find((each) => each.dataset.does === held)?.focus();
    if (this.world.profiles) this.drawProfiles();
  }

  rule(fault) {
    const path = `faults/${encodeURIComponent(fault.id)}`;
    return el(
      "li", { class: `rule ${fault.on ? "" : "off"}` },
      el("button", {
        type: "button", role: "switch", class: "switch", "aria-checked": String(fault.on), "aria-label": `Rule ${fault.id}`,
        dataset: { does: `switch-${fault.id}` },
        onclick: () => this.world.act((api) => api.patch(path, { on: !fault.on })),
      }, el("span", { class: "knob", "aria-hidden": "true" })),
      el("div", { class: "rule-text" },
        el("h3", { class: "mono" }, fault.id),
        el("p", {}, sentence(fault)),
        el("p", { class: "hint" }, `${fault.matched} matched, ${fault.met} met${fault.times ? ` of ${fault.times}` : ""}, armed at ${clockTime(fault.armed_at, { millis: false })}`)),
      el("div", { class: "row" },
        fault.met > 0 && button("By which", () => this.listExchanges(`fault:${fault.id}`), { class: "quiet small", title: "The exchanges that met it", dataset: { does: `list-${fault.id}` } }),
        button("Edit", () => this.form.edit(fault), { class: "quiet small", "aria-label": `Edit rule ${fault.id}`, dataset: { does: `edit-${fault.id}` } }),
        button("Remove", () => this.world.act((api) => api.delete(path)), { class: "quiet small", "aria-label": `Remove rule ${fault.id}`, dataset: { does: `remove-${fault.id}` } })),
    );
  }

  drawProfiles() {
    const armed = new Set(this.world.faults.map(({ source }) => source));
    const key = JSON.stringify([this.world.profiles, [...armed]]);
    if (key === this.profilesKey) return;
    this.profilesKey = key;
    const held = this.profiles.contains(document.activeElement) ? document.activeElement.dataset.does : null;
    fill(this.profiles, (this.world.profiles ?? []).map((profile) => {
      const isArmed = armed.has(profile.name);
      const path = `faults/profiles/${encodeURIComponent(profile.name)}`;
      return el("li", { class: "profile" },
        el("div", {}, el("h3", { class: "mono" }, profile.name, isArmed && el("span", { class: "chip running" }, "armed")), el("p", { class: "hint" }, profile.says ?? profile.sentence ?? "")),
        !isArmed && Object.keys(profile.options ?? {}).length > 0 && button("Options …", () => this.armWith(profile, path), {
          class: "quiet small", "aria-label": `Options of ${profile.name}`, dataset: { does: `options-${profile.name}` },
        }),
        button(isArmed ? "Disarm" : "Arm", () => this.world.act((api) => (isArmed ? api.delete(path) : api.post(path, {}))), {
          "aria-label": `${isArmed ? "Disarm" : "Arm"} ${profile.name}`, "aria-pressed": String(isArmed), dataset: { does: `profile-${profile.name}` },
        }));
    }));
    if (held) [...this.profiles.querySelectorAll("[data-does]")].find((each) => each.dataset.does === held)?.focus();
  }

  /** Arm a profile with other values for its options. */
  async armWith({ name, options }, path) {
    const said = await ask(`Arm ${name}`, (close) => {
      const fields = Object.entries(options).map(([key, value], index) => {
        const field = el("input", { id: `option-${index}`, autocomplete: "off", spellcheck: "false", dataset: { key } });
        field.value = typeof value === "string" ? value : JSON.stringify(value);
        return el("div", { class: "field" }, el("label", { for: field.id }, key), field);
      });
      return el(
        "form", { class: "form", onsubmit: (event) => { event.preventDefault(); close(valuesOf(fields, options)); } },
        fields, el("div", { class: "row end" }, button("Cancel", () => close(null)), el("button", { class: "primary" }, "Arm")),
      );
    });
    if (said) await this.world.act((api) => api.post(path, said));
  }

  async assertMet() {
    try {
      await this.world.api.post("faults/assert", {});
      toast("All rules were met.");
    } catch (error) {
      this.world.ontrouble(error);
    }
  }
}

/** What was typed for options: texts stay texts, all others are JSON where they can be. */
function valuesOf(fields, options) {
  return Object.fromEntries(fields.map((field) => {
    const { value, dataset: { key } } = field.querySelector("input");
    if (typeof options[key] === "string") return [key, value];
    try {
      return [key, JSON.parse(value)];
    } catch {
      return [key, value];
    }
  }));
}

/** A rule as a person would say it. */
export function sentence({ match, act, times }) {
  const when = Object.entries(match ?? {}).map(([key, value]) => `${key} ${plain(value)}`).join(", ");
  const what = Object.entries(act ?? {}).map(([key, value]) => `${key} ${plain(value)}`).join(", ");
  return `${when ? `When ${when}` : "Always"}: ${what}${times ? `; ${times} ${times === 1 ? "time" : "times"}` : ""}.`;
}

function plain(value) {
  if (Array.isArray(value)) return value.map(plain).join(" or ");
  return short(typeof value === "object" ? JSON.stringify(value) : String(value), 80);
}
