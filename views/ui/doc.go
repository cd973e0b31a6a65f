// Package ui owns the look of Foyer's parts: buttons, fields, statuses, tables,
// pagers, notes. Every component takes one props struct with print-ready values
// and writes accessible HTML that works without JavaScript.
//
// It must not know what a company or an import is, must not read the clock
// (callers pass the time that counts as now), and writes no inline script and
// no style attribute, because the Content-Security-Policy refuses both.
//
// What the parts look like is said in static/src/app.css; the colours and sizes
// come from tailwind.config.js. Page templates may use Tailwind's utilities for
// layout; after new class names run `make css`, which scans views/ for them.
//
// Package views and those beneath it import it, and handlers for the types of its
// props.
package ui
