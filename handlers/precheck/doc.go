// Package precheck owns the page that asks who is on Symphony already, and its file.
//
// It gives no verdict: package precheck of the portal does. Only package handlers
// imports it, for its route table.
package precheck
