// Package home owns the first page: which companies need somebody, what is not settled,
// what was done last, and whether Symphony and the sign-in service answer.
//
// It only shows what others know. Only package handlers imports it, for its route table.
package home
