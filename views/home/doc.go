// Package home owns the first page: the companies that need somebody, the changes that
// are not settled, the last activity, and whether the services answer.
//
// It judges nothing: what needs somebody, and why, is handed to it in words. Only
// handlers/home imports it, as pages.
package home
