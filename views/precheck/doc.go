// Package precheck owns the page that asks who is on Symphony already, with what was
// found.
//
// The table of verdicts, which the forms for companies and people show, too, is
// package views'. Only handlers/precheck imports it, as pages.
package precheck
