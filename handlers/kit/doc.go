// Package kit owns what the handlers of every resource answer with: rendering,
// which is the only writer of pages; the error page; forms, their tokens, drafts and
// redirects; paging; files; allowances; and what a request is told by: its id, its
// session, its actor and the ids in its path.
//
// It knows no resource and no use case. What pages say of things is package wording's;
// what stands around every request, the middleware, is package handlers'. The packages
// beneath handlers import it.
package kit
