// Package handlers owns HTTP: the route table, the middleware, and the wiring of what
// answers. It and the packages beneath it are the only ones that know Echo.
//
// Each resource has a package of its own beneath it, with the few use cases that it
// needs and the files named by what they do: POST /companies is answered in
// companies/create.go. What all of them answer with is package kit; what several of
// them say of the same things is package wording.
//
// A handler reads its input from the path, the query or r.PostForm, never
// through Echo's Bind or FormValue (a query parameter could fill in for a form
// field there), calls a package of portal, and answers with one of: a page, the same
// form again with 422, a redirect with 303, or an error that wording.Classify turns
// into the error page. It holds no SQL, no client of Symphony, and writes no
// markup: the packages of views do.
//
// Only command imports it, for New.
package handlers
