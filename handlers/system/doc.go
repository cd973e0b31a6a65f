// Package system owns what is about Foyer itself: whether it is alive and ready, its
// static files, the shortcuts, and the browsers' reports about the content security
// policy.
//
// It shows nothing of companies or people. Only package handlers imports it, for its
// route table.
package system
