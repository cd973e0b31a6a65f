// Package e2e holds the browser tests: Foyer as a whole, in Chromium, as people
// use it. Nothing imports it, and all of it but this comment is tests.
//
// It owns the browser (chromium_test.go), the page that a test drives
// (page_test.go), what a page must never do, such as to violate its content
// security policy (trouble_test.go), and the accessibility check (axe_test.go).
// It must not reach into Foyer's packages: what it knows is what a person can
// see.
//
// The tests need Chromium, and axe-core in node_modules; scripts/test-deps sees
// to both. Where one is missing they are skipped, or fail where CI=true, as
// package testneeds says.
package e2e
