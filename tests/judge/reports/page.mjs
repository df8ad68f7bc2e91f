// Runs the script of a report's page in a document that knows just what it asks for, and tells which obligations are
// open: node page.mjs PAGE.html '#HASH' ['#LATER']. There is no browser where the tests run.
import {readFileSync} from "node:fs";
import vm from "node:vm";

const [, , path, hash, later] = process.argv;
const page = readFileSync(path, "utf8");
const inside = id => page.match(new RegExp(`id="${id}">([^]*?)</script>`))[1];
const script = page.match(/<script>([^]*?)<\/script>/)[1];

class Node {
  children = []; listeners = {}; attributes = {}; hidden = false; open = false; value = ""; className = ""; parentNode = null;
  constructor(tag) { this.tag = tag; }
  append(...nodes) {
    for (const node of nodes) {
      if (node instanceof Node) node.parentNode = this;
      this.children.push(node);
    }
  }
  before(...nodes) { this.parentNode?.append(...nodes); }
  after(...nodes) { this.before(...nodes); }
  remove() { this.parentNode = null; }
  addEventListener(name, action) { this.listeners[name] = action; }
  setAttribute(name, value) { this.attributes[name] = value; }
  getAttribute(name) { return this.attributes[name]; }
  querySelector(tag) { return this.children.find(child => child.tag === tag) ?? new Node(tag); }
  scrollIntoView() { scrolled = this; }
  focus() {}
  reset() { for (const field of fields.values()) field.value = ""; }
  get classList() { return {add: name => { this.className += " " + name; }}; }
  get style() { return {}; }
  get textContent() { return this.text ?? this.children.map(child => child instanceof Node ? child.textContent : child).join(""); }
  set textContent(text) { this.text = text; }
}

let scrolled = null;
const known = new Map();
const fields = new Map();
const named = (map, name, tag) => { if (!map.has(name)) map.set(name, new Node(tag)); return map.get(name); };
for (const id of ["report", "pages"]) named(known, id, "script").text = inside(id);
const document = {
  getElementById: id => named(known, id, "div"),
  createElement: tag => new Node(tag),
};
document.getElementById("filters").elements = {namedItem: name => named(fields, name, "select")};
const events = {};
const context = vm.createContext({document, Node, setTimeout: action => action(), location: {hash},
  addEventListener: (name, action) => { events[name] = action; }});
vm.runInContext(script, context);
if (later) {
  context.location.hash = later;
  events.hashchange();
}
const cards = document.getElementById("obligation-list").children;
const open = cards.filter(card => card.open && !card.hidden);
console.log(JSON.stringify({
  open: open.map(card => card.querySelector("summary").textContent),
  text: open.map(card => card.textContent).join(" "),
  scrolled: scrolled !== null && open.includes(scrolled),
}));
