// Package session owns the pages of signing in and out, and the list of sessions.
//
// The frame of a page for somebody who isn't signed in is package views'; who may see
// what is decided elsewhere. Only handlers/session imports it, as pages.
package session
