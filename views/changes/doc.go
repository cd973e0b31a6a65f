// Package changes owns the page of one change that was asked of Symphony, and the part
// of it that says how the change stands.
//
// It knows neither the forms by which changes are asked for nor whether Symphony was
// reached. Only handlers/changes imports it, as pages.
package changes
