// A rule in the making: a small form for what is common, and the JSON for everything.

import { button, el, fill, say, toast } from "./dom.js";

const KINDS = {
  status: {
    title: "Answer with a status",
    fields: [["status", "Status", "503"], ["retry_after", "Retry-After", "", "such as 5s; empty for none"]],
    act: ({ status, retry_after }) => ({ status: number(status), ...(retry_after && { retry_after }) }),
  },
  slow: { title: "Answer late", fields: [["slow", "First byte after", "2s", "or 1s..3s"]], act: ({ slow }) => ({ slow }) },
  trickle: {
    title: "Trickle the body",
    fields: [["bytes", "Bytes at a time", "16"], ["every", "Every", "100ms"]],
    act: ({ bytes, every }) => ({ trickle: { bytes: number(bytes), every } }),
  },
  cut: {
    title: "Cut the connection",
    fields: [["cut", "Where", ["request", "before", "within", "after"]]],
    act: ({ cut }) => ({ cut }),
  },
  body: {
    title: "Break the body",
    fields: [["body", "How", ["truncated", "duplicated", "empty", "garbage", "html"]]],
    act: ({ body }) => ({ body }),
  },
  rate: {
    title: "Limit the rate",
    fields: [["requests", "Requests", "5"], ["per", "In", "60s"]],
    act: ({ requests, per }) => ({ rate: { requests: number(requests), per } }),
  },
  token: { title: "Refuse the token", fields: [["token", "It is", ["expired", "revoked"]]], act: ({ token }) => ({ token }) },
  job: {
    title: "Something happens to the job",
    fields: [["job", "What", ["requeue", "finish", "fail", "cancel", "lose-result", "withhold-result", "outrun-cancel"]]],
    act: ({ job }) => ({ job }),
  },
};

const OPERATIONS = [
  "submit-job", "get-job", "get-results", "list-jobs", "cancel-job", "delete-job", "get-metrics", "get-logs", "list-backends",
  "get-backend", "open-session", "get-session", "close-session", "log-in",
];

const number = (text) => (text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text);

export class RuleForm {
  constructor(world) {
    this.world = world;
    this.kind = this.choice("rule-kind", Object.entries(KINDS).map(([name, { title }]) => [name, title]));
    this.operation = el("input", { id: "rule-operation", list: "operations", placeholder: "any", autocomplete: "off", spellcheck: "false" });
    this.calls = el("input", { id: "rule-calls", placeholder: "all; 3, 2..5, every 3", autocomplete: "off" });
    this.probability = el("input", { id: "rule-probability", placeholder: "1", inputmode: "decimal", autocomplete: "off" });
    this.times = el("input", { id: "rule-times", placeholder: "for ever", inputmode: "numeric", autocomplete: "off" });
    this.fields = el("div", { class: "grid" });
    this.json = el("textarea", { id: "rule-json", class: "mono", rows: "9", spellcheck: "false", autocomplete: "off" });
    this.trouble = el("p", { class: "error", role: "alert", id: "rule-trouble" });
    this.send = el("button", { class: "primary" }, "Arm it");
    this.stop = button("New instead", () => this.begin(), { class: "quiet", hidden: true });
    this.element = el(
      "form", { class: "form", onsubmit: (event) => { event.preventDefault(); this.arm(); } },
      el("div", { class: "grid" },
        this.labelled("What happens", this.kind), this.labelled("Operation", this.operation),
        el("datalist", { id: "operations" }, OPERATIONS.map((name) => el("option", { value: name })))),
      this.fields,
      el("div", { class: "grid three" }, this.labelled("Which calls", this.calls), this.labelled("Probability", this.probability), this.labelled("Times", this.times)),
      el("label", { for: "rule-json" }, "The rule, as JSON"), this.json, this.trouble,
      el("div", { class: "row end" }, this.stop, this.send),
    );
    for (const field of [this.operation, this.calls, this.probability, this.times]) field.addEventListener("input", () => this.write());
    this.kind.addEventListener("change", () => this.choose());
    this.json.addEventListener("input", () => say(this.trouble, ""));
    this.choose();
  }

  choice(id, options) {
    return el("select", { id }, options.map(([value, text]) => el("option", { value }, text ?? value)));
  }

  labelled(text, field) { return el("div", { class: "field" }, el("label", { for: field.id }, text), field); }

  choose() {
    const { fields } = KINDS[this.kind.value];
    this.own = Object.fromEntries(fields.map(([name, , usual, hint]) => {
      const id = `rule-${name}`;
      const field = Array.isArray(usual) ? this.choice(id, usual.map((each) => [each])) : el("input", { id, placeholder: hint ?? "", autocomplete: "off" });
      if (!Array.isArray(usual)) field.value = usual;
      field.addEventListener("input", () => this.write());
      return [name, field];
    }));
    fill(this.fields, fields.map(([name, label]) => this.labelled(label, this.own[name])));
    this.write();
  }

  /** Write the JSON of what the form says. */
  write() {
    const said = Object.fromEntries(Object.entries(this.own).map(([name, field]) => [name, field.value.trim()]));
    const match = {};
    if (this.operation.value.trim()) match.operation = this.operation.value.trim();
    if (this.calls.value.trim()) match.calls = number(this.calls.value);
    if (this.probability.value.trim()) match.probability = number(this.probability.value);
    const rule = { ...(this.editing && { id: this.editing }), match, act: KINDS[this.kind.value].act(said) };
    if (this.times.value.trim()) rule.times = number(this.times.value);
    this.json.value = JSON.stringify(rule, null, 2);
    say(this.trouble, "");
  }

  /** Begin a new rule. */
  begin() {
    this.editing = null;
    this.stop.hidden = true;
    say(this.send, "Arm it");
    this.write();
  }

  edit({ id, match, act, times }) {
    this.editing = id;
    this.stop.hidden = false;
    say(this.send, `Change ${id}`);
    this.json.value = JSON.stringify({ id, match, act, times: times ?? null }, null, 2);
    say(this.trouble, "");
    this.json.focus();
    this.json.scrollIntoView({ block: "nearest" });
  }

  async arm() {
    let rule;
    try {
      rule = JSON.parse(this.json.value);
    } catch (error) {
      this.complain(`This is no JSON: ${error.message}`);
      return;
    }
    try {
      const { editing } = this;
      if (editing) await this.world.api.patch(`faults/${encodeURIComponent(editing)}`, rule);
      else await this.world.api.post("faults", rule);
      toast(editing ? `Rule ${editing} changed.` : "The rule is armed.");
      this.json.removeAttribute("aria-invalid");
      this.begin();
      await this.world.soon();
    } catch (error) {
      if (error.status === undefined) throw error;
      this.complain(error.message);
    }
  }

  complain(sentence) {
    say(this.trouble, sentence);
    this.json.setAttribute("aria-invalid", "true");
    this.json.setAttribute("aria-describedby", "rule-trouble");
    this.json.focus();
  }
}
