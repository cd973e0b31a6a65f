// Package views owns Foyer's pages: templ templates and the Go types of what
// they show, print-ready. Layout and Bare are what is around every page; each
// resource has a .templ file for its markup and a .go file for its types.
//
// It must not know the client of Symphony, the database or the clock: handlers
// map what they have to these types and pass the time that counts as now. It
// holds no logic beyond choosing what to show, and writes no inline script or
// style, because the Content-Security-Policy refuses both.
//
// After a change of a template run `make generate`; after new class names also
// `make css`. The generated files are committed, so building needs Go alone.
//
// Only package handlers imports it.
package views
